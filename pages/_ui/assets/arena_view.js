// A blind battle: the query, its lists, and what the voter may add to a vote. What was added goes to the server with
// the battle's `turn`, so that nothing said of one battle is ever taken for the next. Joined to arena_rows.js and
// arena_places.js.

const TOP = 5; // rows that count; the voter may ask for all that came with the battle

class Session {
  constructor(root) {
    this.root = root;
    this.looks = { more: false, whole: false };
    this.data = null;
    this.said = null;
  }

  show(data, tell) {
    this.tell = tell;
    if (this.data?.turn === data.turn) return; // the same battle again: nothing moves under the voter's hand
    const inside = this.root.getRootNode().activeElement !== null;
    this.data = data;
    this.said = { turn: data.turn, marks: {}, reasons: [], places: data.lists.map(() => null) };
    this.draw();
    if (inside) this.root.querySelector(".need").focus({ preventScroll: true });
  }

  mark(document, useful) {
    if (this.said.marks[document] === useful) delete this.said.marks[document];
    else this.said.marks[document] = useful;
    this.press(".mark", (node) => this.said.marks[node.dataset.document] === (node.dataset.useful === "true"));
  }

  reason(name) {
    const given = this.said.reasons;
    this.said.reasons = given.includes(name) ? given.filter((other) => other !== name) : [...given, name];
    this.press(".reason", (node) => this.said.reasons.includes(node.dataset.reason));
  }

  place(slot, place) {
    this.said.places[slot] = this.said.places[slot] === place ? null : place;
    this.press(".place", (node) => this.said.places[Number(node.dataset.slot)] === Number(node.dataset.place));
    this.root.querySelector(".order").textContent = orderInWords(this.said.places);
  }

  press(selector, held) {
    for (const node of this.root.querySelectorAll(selector)) node.setAttribute("aria-pressed", String(held(node)));
    this.tell("said", structuredClone(this.said));
  }

  look(name) {
    this.looks[name] = !this.looks[name];
    this.draw();
    this.root.querySelector(`.choice.${name}`).focus({ preventScroll: true });
  }

  draw() {
    const longest = Math.max(...this.data.lists.map((list) => list.length));
    const merged = this.data.form === "interleaved";
    const depth = this.looks.more || merged ? longest : Math.min(TOP, longest);
    const lists = make("div", `lists ${this.data.form} of${this.data.lists.length}`);
    lists.classList.toggle("whole", this.looks.whole);
    lists.append(...this.data.lists.map((_, slot) => this.side(slot, depth)));
    const foot = make("div", "foot");
    if (this.data.reasons.length) foot.append(this.reasons());
    foot.append(this.choices(longest, merged));
    this.root.replaceChildren(this.need(), lists, foot);
  }

  need() {
    const need = make("div", "need");
    need.tabIndex = -1;
    need.append(make("span", "ask", this.data.ask), make("span", "query", this.data.query));
    if (this.data.form === "best-to-worst") {
      const order = make("span", "order", orderInWords(this.said.places));
      order.setAttribute("role", "status");
      need.append(order);
    }
    return need;
  }

  side(slot, depth) {
    const section = make("section", "side");
    const merged = this.data.form === "interleaved";
    section.setAttribute("aria-label", merged ? "Merged list" : `List ${LETTERS[slot]}`);
    if (!merged) {
      const head = make("div", "head");
      head.append(make("h2", "letter", LETTERS[slot]));
      if (this.data.form === "best-to-worst") head.append(placeButtons(slot, this.data.lists.length, this));
      section.append(head);
    }
    const list = make("ol");
    const shown = this.data.lists[slot].slice(0, depth);
    list.append(...shown.map((_, at) => entry(this.data, slot, at, depth, this)));
    section.append(list);
    return section;
  }

  reasons() {
    const row = make("div", "reasons");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", "Reasons");
    row.append(make("span", "why", "Why, if you like:"));
    for (const { name, label } of this.data.reasons) {
      const chip = button("reason", label, () => this.reason(name));
      chip.dataset.reason = name;
      chip.setAttribute("aria-pressed", String(this.said.reasons.includes(name)));
      row.append(chip);
    }
    return row;
  }

  choices(longest, merged) {
    const row = make("div", "choices");
    const add = (name, on, off) => row.append(button(`choice ${name}`, this.looks[name] ? off : on, () => this.look(name)));
    if (longest > TOP && !merged) add("more", `Show all ${longest} rows`, `Show ${TOP} rows`);
    add("whole", "Show whole passages", "Shorten the passages");
    return row;
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".battle");
  if (!root.runoffSession) {
    root.runoffSession = new Session(root);
    listen(root, root.runoffSession);
  }
  root.runoffSession.show(data, setStateValue);
}
