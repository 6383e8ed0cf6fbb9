// Requests of a trace: a line each, which opens to its prompt, its answer and what came of it. Text of others goes
// through textContent only. What is inside a request is made when it is opened for the first time.

const OPENED = new Map(); // mounted element to the keys of the requests that are open

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
}

function foreign(tag, className, text) {
  const node = make(tag, className, text);
  node.dir = "auto";
  return node;
}

function field(title, ...nodes) {
  const part = make("div", "field");
  part.append(make("div", "caption", title), ...nodes);
  return part;
}

function prompt(data, request) {
  return request.turns.map((turn) => {
    const box = make("div", `turn ${turn.role}`);
    box.append(make("div", "role", turn.role));
    const body = foreign("div", "said");
    for (const place of turn.pieces) {
      const piece = data.pieces[place];
      const cut = piece.kind === "document" ? request.cuts[piece.id] : undefined;
      const node = make("span", `piece ${piece.kind}`, piece.text);
      if (piece.kind === "document" && piece.id) node.title = piece.id;
      body.append(node);
      if (cut) body.append(make("span", "cut", cut));
    }
    box.append(body);
    return box;
  });
}

function table(rows) {
  const made = make("table");
  for (const [name, value] of rows) {
    const line = make("tr");
    line.append(foreign("td", "name", name), make("td", "value", value));
    made.append(line);
  }
  return made;
}

function odds(list) {
  const made = make("div", "odds");
  for (const { token, top } of list) {
    const line = make("div");
    line.append(make("code", "", token), document.createTextNode(" "));
    line.append(make("span", "quiet", top.map(([text, share]) => `${text.trim() || "␣"} ${share}`).join("   ")));
    made.append(line);
  }
  return made;
}

function answer(request) {
  const nodes = [];
  if (request.text !== null) {
    nodes.push(foreign("pre", "said", request.text || "(nothing)"));
    if (!request.finished) nodes.push(make("div", "quiet", "Ended by the limit of tokens."));
  }
  if (request.rows.length) nodes.push(table(request.rows));
  if (request.odds.length) nodes.push(odds(request.odds));
  if (request.note) nodes.push(make("div", "quiet", request.note));
  if (!nodes.length) nodes.push(make("div", "said", request.answer));
  return nodes;
}

function order(titles) {
  const list = make("ol", "order");
  for (const title of titles) list.append(foreign("li", "", title));
  return list;
}

function details(data, request) {
  const parts = [make("p", "quiet", request.facts.join(", "))];
  if (request.turns.length) parts.push(field("Prompt", ...prompt(data, request)));
  if (request.wanted) parts.push(field("Wanted", make("div", "", request.wanted)));
  parts.push(field("Answer", ...answer(request)));
  if (request.incomplete) {
    parts.push(make("p", "mended", "Something that was wanted is missing from this answer; the repairs say what was done."));
  }
  if (request.order.length) parts.push(field("Read as", order(request.order)));
  return parts;
}

function change(step) {
  const box = make("div", "change");
  box.append(foreign("div", "", step.note));
  for (const { title, before, after } of step.moves) {
    const line = make("div", "moved");
    if (before) {
      const up = after < before;
      line.append(make("span", up ? "up" : "down", `${up ? "▲" : "▼"} ${before} to ${after}`), document.createTextNode(" "));
    }
    line.append(foreign("span", "", title));
    box.append(line);
  }
  return box;
}

function line(request) {
  const summary = make("summary");
  summary.append(make("span", "number", String(request.number)));
  const body = make("span", "body");
  const names = make("span", "names");
  const shown = request.documents.slice(0, 4);
  shown.forEach((title, index) => {
    if (index) names.append(make("span", "quiet", " · "));
    const best = request.winners.includes(title);
    const worst = request.losers.includes(title);
    const name = foreign("span", best ? "best" : worst ? "worst" : "", title);
    if (best || worst) name.append(make("span", "unseen", best ? " (best)" : " (worst)"));
    names.append(name);
  });
  if (request.documents.length > shown.length) {
    names.append(make("span", "quiet", ` and ${request.documents.length - shown.length} more`));
  }
  if (!shown.length) names.append(make("span", "quiet", request.kind));
  body.append(names, foreign("span", "answer", request.answer));
  summary.append(body);
  const marks = make("span", "marks");
  if (request.incomplete) marks.append(make("span", "badge mended", "repaired"));
  if (Object.keys(request.cuts).length) marks.append(make("span", "badge cut", "cut"));
  summary.append(marks);
  return summary;
}

function entry(data, round, request, open) {
  const key = `${round.number}/${request.number}`;
  const box = make("details", "request");
  box.append(line(request));
  const fill = () => {
    if (box.childElementCount === 1) {
      const inside = make("div", "inside");
      inside.append(...details(data, request));
      box.append(inside);
    }
  };
  box.addEventListener("toggle", () => {
    if (box.open) {
      open.add(key);
      fill();
    } else open.delete(key);
  });
  if (open.has(key)) {
    fill();
    box.open = true;
  }
  return box;
}

function section(data, round, open) {
  const part = make("section");
  part.setAttribute("role", "listitem");
  const head = make("h4", "", `Round ${round.number}`);
  head.append(make("span", "quiet", ` ${round.asked}`));
  part.append(head);
  for (const request of round.requests) part.append(entry(data, round, request, open));
  for (const step of round.steps) part.append(change(step));
  return part;
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".trace");
  if (!OPENED.has(root)) OPENED.set(root, new Set());
  const open = OPENED.get(root);
  root.replaceChildren(...data.rounds.map((round) => section(data, round, open)));
  return () => OPENED.delete(root);
}
