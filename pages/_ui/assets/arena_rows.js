// The rows of a blind battle: rank, passage, where the other lists have it, and the voter's mark. textContent only.

const LETTERS = "ABCD";
const FOREIGN = ["query", "title", "text"]; // classes with text of others, which may run from right to left

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  if (FOREIGN.includes(className)) node.dir = "auto";
  return node;
}

function button(className, text, click) {
  const node = make("button", className, text);
  node.type = "button";
  node.addEventListener("click", () => click(node));
  return node;
}

// A document's rank in every list, from 1; null where it is not among the first `depth`.
function ranksOf(data, depth, document) {
  return data.lists.map((list) => {
    const at = list.indexOf(document);
    return at < 0 || at >= depth ? null : at + 1;
  });
}

// "quiet": the same rank in every list; "far": in no other list, or of two lists two ranks away; else "near".
function contrast(own, ranks) {
  const others = ranks.filter((_, slot) => slot !== own);
  if (others.length === 0) return "plain";
  if (others.every((rank) => rank === ranks[own])) return "quiet";
  if (others.every((rank) => rank === null)) return "far";
  return others.length === 1 && Math.abs(others[0] - ranks[own]) >= 2 ? "far" : "near";
}

function elsewhere(own, ranks, depth) {
  const others = ranks.flatMap((rank, slot) => (slot === own ? [] : [{ letter: LETTERS[slot], rank }]));
  if (others.length === 0) return "";
  if (others.every(({ rank }) => rank === ranks[own])) return "same rank";
  if (others.length === 1 && others[0].rank === null) return `not in ${others[0].letter}'s ${depth}`;
  if (others.length === 1) return `${others[0].letter}: ${others[0].rank}`;
  return others.map(({ letter, rank }) => `${letter} ${rank ?? "–"}`).join("  ");
}

function passage(item, row, where) {
  const open = button("passage", undefined, () => {
    open.setAttribute("aria-expanded", String(item.classList.toggle("open")));
  });
  open.setAttribute("aria-expanded", "false");
  const top = make("span", "top");
  top.append(make("span", "title", row.title));
  if (where) top.append(make("span", "other", where));
  open.append(top, make("span", "text", row.text));
  return open;
}

// Two small toggles, or with `only` one with a word on it: only usefulness is asked for there.
function marks(row, document, session, only) {
  const kinds = only
    ? [{ useful: true, sign: "Useful", words: "Useful" }]
    : [
        { useful: true, sign: "✓", words: "Useful" },
        { useful: false, sign: "✕", words: "Not useful" },
      ];
  const group = make("span", only ? "marks wide" : "marks");
  for (const { useful, sign, words } of kinds) {
    const toggle = button(`mark ${useful ? "yes" : "no"}`, sign, () => session.mark(document, useful));
    toggle.dataset.document = String(document);
    toggle.dataset.useful = String(useful);
    toggle.title = words;
    toggle.setAttribute("aria-label", `${words}: ${row.title}`);
    toggle.setAttribute("aria-pressed", String(session.said.marks[document] === useful));
    group.append(toggle);
  }
  return group;
}

function entry(data, own, at, depth, session) {
  const document = data.lists[own][at];
  const row = data.documents[document];
  const ranks = ranksOf(data, depth, document);
  const item = make("li", `entry ${contrast(own, ranks)}`);
  const only = data.form === "interleaved";
  item.append(
    make("span", "rank", String(at + 1)),
    passage(item, row, elsewhere(own, ranks, depth)),
    marks(row, document, session, only),
  );
  return item;
}
