// A blind battle: the query, two ranked lists, and what a voter may know of either. textContent only.
// The five rows that count are shown; the voter may ask for all that came with the battle.

const TOP = 5;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// "quiet": the same rank on both sides; "far": a document that the other list does not show, or two ranks away.
function contrast(row, depth) {
  if (row.other === row.rank) return "quiet";
  if (row.other === null || row.other > depth || Math.abs(row.other - row.rank) >= 2) return "far";
  return "near";
}

function whereElse(row, other, depth) {
  if (row.other === row.rank) return "same rank";
  if (row.other === null || row.other > depth) return `not in ${other}'s ${depth}`;
  return `${other}: ${row.other}`;
}

function entry(row, other, depth) {
  const item = make("li", `entry ${contrast(row, depth)}`);
  const button = make("button", "passage");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const top = make("span", "top");
  top.append(make("span", "title", row.title), make("span", "other", whereElse(row, other, depth)));
  button.append(top, make("span", "text", row.text));
  button.addEventListener("click", () => {
    const open = item.classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
  item.append(make("span", "rank", String(row.rank)), button);
  return item;
}

function side(letter, other, rows, depth) {
  const section = make("section", "side");
  section.setAttribute("aria-label", `List ${letter}`);
  const list = make("ol");
  for (const row of rows.slice(0, depth)) list.append(entry(row, other, depth));
  section.append(make("h2", "letter", letter), list);
  return section;
}

function draw(root, data, state) {
  const depth = state.more ? Math.max(data.left.length, data.right.length) : TOP;
  const need = make("p", "need");
  need.append(make("span", "ask", "Which list serves this need better?"), make("span", "query", data.query));
  const lists = make("div", "lists");
  lists.append(side("A", "B", data.left, depth), side("B", "A", data.right, depth));
  lists.classList.toggle("whole", state.whole);
  const choices = make("div", "choices");
  const total = Math.max(data.left.length, data.right.length);
  if (total > TOP) choices.append(choice("more", `Show all ${total} rows`, `Show ${TOP} rows`));
  choices.append(choice("whole", "Show whole passages", "Shorten the passages"));
  root.replaceChildren(need, lists, choices);

  function choice(name, on, off) {
    const button = make("button", `choice ${name}`, state[name] ? off : on);
    button.type = "button";
    button.addEventListener("click", () => {
      state[name] = !state[name];
      draw(root, data, state);
      root.querySelector(`.choice.${name}`).focus({ preventScroll: true });
    });
    return button;
  }
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".battle");
  root.runoffState ??= { more: false, whole: false };
  draw(root, data, root.runoffState);
}
