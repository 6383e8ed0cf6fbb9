// One candidate list under several systems: a column per ranking, lines that join a document across columns,
// and a panel with the document that was opened. Text of others goes through textContent only.

const ROW = 64; // px; rows are equally high, so that the lines need no measuring
const GUTTER = 34; // px between two columns
const STEP = 10; // rows shown at first and added at a time
const SVG = "http://www.w3.org/2000/svg";
const FOREIGN = ["title", "text"]; // classes with text of others, which may run from right to left

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  if (FOREIGN.includes(className)) node.dir = "auto";
  return node;
}

function place(node, column, row) {
  node.style.gridColumn = String(column);
  node.style.gridRow = String(row);
  return node;
}

function header(column) {
  const head = make("div", "head");
  const name = make("div", "name");
  const dot = make("span", "dot");
  dot.style.background = column.colour;
  dot.setAttribute("aria-hidden", "true");
  name.append(dot, make("span", "label", column.name));
  name.title = column.name;
  head.append(name, make("div", "note", column.note));
  return head;
}

function movement(row) {
  if (row.move === null) return null;
  const kind = row.move > 0 ? "up" : row.move < 0 ? "down" : "same";
  const mark = make("span", `move ${kind}`, kind === "same" ? "=" : `${kind === "up" ? "▲" : "▼"}${Math.abs(row.move)}`);
  mark.setAttribute("aria-label", kind === "same" ? "as in the first stage" : `${kind} ${Math.abs(row.move)} from the first stage`);
  return mark;
}

function gradeBadge(grade) {
  const badge = make("span", `grade g${Math.min(Math.max(grade, 0), 3)}`, String(grade));
  badge.title = `Relevance label: grade ${grade}`;
  badge.setAttribute("aria-label", `grade ${grade}`);
  return badge;
}

function rowButton(row, rank, view) {
  const shown = view.data.documents[row.doc];
  const button = make("button", "row");
  button.type = "button";
  button.tabIndex = -1;
  button.title = shown.title;
  const meta = make("span", "meta");
  const moved = movement(row);
  if (moved) meta.append(moved);
  if (row.score !== null) meta.append(make("span", "score", row.score));
  if (row.cut) meta.append(make("span", "cut", row.cut));
  button.append(make("span", "rank", String(rank)), make("span", "title", shown.title), meta);
  if (view.data.grades && shown.grade !== null) button.append(gradeBadge(shown.grade));
  view.light(button, row.doc);
  return button;
}

function column(view, index) {
  const given = view.data.columns[index];
  if (!given.rows.length) return make("p", "message", given.message);
  const list = make("ol", "list");
  list.setAttribute("aria-label", given.name);
  given.rows.slice(0, view.state.depth).forEach((row, position) => {
    const item = make("li");
    const button = rowButton(row, position + 1, view);
    button.addEventListener("click", () => view.open(row.doc));
    button.addEventListener("focus", () => view.moveTo(index, position));
    item.append(button);
    if (position === given.keep) list.append(cutLine());
    list.append(item);
  });
  if (given.keep === given.rows.length && view.state.depth >= given.keep) list.append(cutLine());
  return list;
}

// Where a strategy that tells relevant from not relevant would cut its list: no row, so that all rows stay level.
function cutLine() {
  const line = make("li", "cut-line");
  const words = "below this line: judged not relevant";
  const short = make("span", "shown", "below: not relevant"); // columns are narrow
  short.setAttribute("aria-hidden", "true");
  line.append(short, make("span", "unseen", words));
  line.title = words;
  return line;
}

function traceButton(view, given) {
  const button = make("button", "trace", "Trace");
  button.type = "button";
  button.setAttribute("aria-label", `Trace of ${given.name}`);
  button.title = "Every prompt, answer and decision of this ranking";
  button.addEventListener("click", () => view.trace(given.name));
  return button;
}

// Lines from each row of one column to the same document in the next; a document beyond the shown depth leaves below.
function gutter(view, left, right) {
  const depth = view.state.depth;
  const svg = document.createElementNS(SVG, "svg");
  const height = Math.min(depth, view.data.documents.length) * ROW;
  svg.setAttribute("viewBox", `0 0 ${GUTTER} ${height}`);
  svg.setAttribute("width", GUTTER);
  svg.setAttribute("height", height);
  svg.setAttribute("aria-hidden", "true");
  const target = new Map(right.rows.map((row, position) => [row.doc, position]));
  left.rows.forEach((row, from) => {
    const to = target.get(row.doc);
    if (to === undefined || (from >= depth && to >= depth)) return;
    const y = (position) => Math.min(position * ROW + ROW / 2, height + ROW / 2);
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", `M0 ${y(from)} C ${GUTTER / 2} ${y(from)}, ${GUTTER / 2} ${y(to)}, ${GUTTER} ${y(to)}`);
    line.setAttribute("class", from === to ? "line level" : "line");
    view.light(line, row.doc);
    svg.append(line);
  });
  return svg;
}

function body(segments) {
  const text = make("p", "text");
  for (const [piece, hit] of segments) text.append(hit ? make("mark", "", piece) : document.createTextNode(piece));
  return text;
}

function standing(view, doc) {
  const table = make("table");
  const head = make("tr");
  for (const title of ["System", "Rank", "Score", "Read"]) head.append(make("th", "", title));
  table.append(head);
  for (const given of view.data.columns) {
    const position = given.rows.findIndex((row) => row.doc === doc);
    if (position < 0) continue;
    const row = given.rows[position];
    const line = make("tr");
    line.append(make("td", "system", given.name), make("td", "number", String(position + 1)));
    line.append(make("td", "number", row.score ?? "–"), make("td", "number", row.cut || "all"));
    table.append(line);
  }
  return table;
}

function panel(view) {
  const shown = view.data.documents[view.state.open];
  const aside = make("aside", "panel");
  aside.setAttribute("aria-label", "Document");
  const top = make("div", "top");
  const close = make("button", "close", "Close");
  close.type = "button";
  close.addEventListener("click", () => view.open(null));
  top.append(make("strong", "title", shown.title), close);
  aside.append(top, make("div", "note", view.data.grades && shown.grade !== null ? `${shown.id}, grade ${shown.grade}` : shown.id));
  aside.append(body(shown.segments), standing(view, view.state.open));
  return aside;
}

function more(view) {
  const total = view.data.documents.length;
  if (total <= STEP) return null;
  const all = view.state.depth >= total;
  const button = make("button", "more", all ? `Show the top ${STEP}` : `Show all ${total}`);
  button.type = "button";
  button.addEventListener("click", () => {
    view.state.depth = all ? STEP : total;
    view.draw();
  });
  return button;
}

class View {
  constructor(root, state, data, trace) {
    Object.assign(this, { root, state, data, trace });
    this.lit = new Map();
  }

  // Register a node that glows while the pointer or the focus is on its document.
  light(node, doc) {
    if (!this.lit.has(doc)) this.lit.set(doc, []);
    this.lit.get(doc).push(node);
    const set = (on) => this.lit.get(doc).forEach((other) => other.classList.toggle("lit", on));
    node.addEventListener("pointerenter", () => set(true));
    node.addEventListener("pointerleave", () => set(false));
    node.addEventListener("focus", () => set(true));
    node.addEventListener("blur", () => set(false));
  }

  open(doc) {
    const closing = doc === null || doc === this.state.open;
    this.state.open = closing ? null : doc;
    this.draw();
    this.buttonAtCursor()?.focus({ preventScroll: true });
    if (!closing) this.root.querySelector(".panel").scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  moveTo(column, position) {
    this.buttonAtCursor()?.setAttribute("tabindex", "-1");
    this.state.cursor = [column, position];
    this.buttonAtCursor()?.setAttribute("tabindex", "0");
  }

  buttonAtCursor() {
    const [column, position] = this.state.cursor;
    return this.columns[column]?.querySelectorAll("button.row")[position];
  }

  // Up and down walk the column; left and right follow the same document to the next ranking.
  key(event) {
    const [column, position] = this.state.cursor;
    const rows = (index) => this.data.columns[index]?.rows.slice(0, this.state.depth) ?? [];
    let next = null;
    if (event.key === "ArrowDown") next = [column, Math.min(position + 1, rows(column).length - 1)];
    else if (event.key === "ArrowUp") next = [column, Math.max(position - 1, 0)];
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const other = column + (event.key === "ArrowRight" ? 1 : -1);
      const found = rows(other).findIndex((row) => row.doc === rows(column)[position]?.doc);
      if (rows(other).length) next = [other, found >= 0 ? found : Math.min(position, rows(other).length - 1)];
    } else if (event.key === "Escape" && this.state.open !== null) this.open(null);
    else return;
    event.preventDefault();
    if (!next) return;
    this.moveTo(...next);
    this.buttonAtCursor()?.focus();
  }

  // Everything is made anew, also while a run fills one column after the other; whoever is at a row stays there.
  draw() {
    const active = this.root.getRootNode().activeElement;
    const held = this.root.contains(active) && active.classList.contains("row");
    this.lit.clear();
    const shown = this.data.columns;
    const grid = make("div", "grid");
    grid.style.gridTemplateColumns = shown.map(() => "minmax(var(--column), 1fr)").join(` ${GUTTER}px `);
    this.columns = shown.map((_, index) => column(this, index));
    shown.forEach((given, index) => {
      grid.append(place(header(given), index * 2 + 1, 1), place(this.columns[index], index * 2 + 1, 2));
      if (given.traced) grid.append(place(traceButton(this, given), index * 2 + 1, 3));
      const next = shown[index + 1];
      if (next) grid.append(place(gutter(this, given, next), index * 2 + 2, 2));
    });
    grid.addEventListener("keydown", (event) => this.key(event));
    const strip = make("div", "strip");
    strip.append(grid);
    const extra = more(this);
    if (extra) strip.append(extra);
    const scrolled = this.root.querySelector(".strip")?.scrollLeft ?? 0;
    this.root.classList.toggle("with-panel", this.state.open !== null);
    this.root.replaceChildren(strip, ...(this.state.open === null ? [] : [panel(this)]));
    strip.scrollLeft = scrolled;
    if (!this.buttonAtCursor()) this.state.cursor = [0, 0];
    this.buttonAtCursor()?.setAttribute("tabindex", "0");
    if (held) this.buttonAtCursor()?.focus({ preventScroll: true });
    this.lit.get(this.state.open)?.forEach((node) => node.classList.add("opened"));
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".rankings");
  const kept = root.runoffState;
  const state = kept && kept.list === data.list ? kept : { list: data.list, depth: STEP, open: null, cursor: [0, 0] };
  root.runoffState = state;
  new View(root, state, data, (name) => setTriggerValue("trace", name)).draw();
}
