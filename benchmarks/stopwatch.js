// Runs in every page before anything else and notes when things were painted, in milliseconds.
// shell, content and battle: since the epoch; clicked, painted and idle: performance.now() of one click.
// Every frame looks at the document just before it is painted; the time is taken just after.

window.stopwatch = (() => {
  const watch = { shell: null, content: null, battle: null, clicked: null, painted: null, idle: null };
  const due = {};
  let before = null;
  let armed = false;
  let host = null;

  function note(name, epoch) {
    if (due[name]) return;
    due[name] = true;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { watch[name] = (epoch ? performance.timeOrigin : 0) + performance.now(); };
    channel.port2.postMessage(null);
  }

  // The battle is drawn inside a shadow root; what a voter would see of it, as one string.
  function battle() {
    if (!host?.isConnected || !host.shadowRoot?.querySelector(".query")) {
      host = [...document.querySelectorAll('[class*="st-key-battle_lists"] *')].find(
        (node) => node.shadowRoot?.querySelector(".query"));
    }
    if (!host) return null;
    return [...host.shadowRoot.querySelectorAll(".query, .title")].map((node) => node.textContent).join("\n");
  }

  function look() {
    requestAnimationFrame(look);
    if (!due.shell && document.querySelector("h1")?.textContent) {
      if (document.querySelector('[data-testid="stSidebarNavLink"]')) note("shell", true);
    }
    if (!due.content && document.querySelector('[data-testid="stMetric"]')) note("content", true);
    if (!due.battle && battle()) note("battle", true);
    if (!armed || watch.clicked === null) return;
    if (!due.painted) {
      const now = battle();
      if (now && now !== before) note("painted", false);
    }
    const state = document.querySelector("[data-test-script-state]")?.getAttribute("data-test-script-state");
    if (due.painted && !due.idle && state === "notRunning") note("idle", false);
  }
  requestAnimationFrame(look);

  document.addEventListener("click", (event) => {
    if (armed && watch.clicked === null) watch.clicked = event.timeStamp;
  }, true);

  watch.arm = () => {
    before = battle();
    Object.assign(watch, { clicked: null, painted: null, idle: null });
    Object.assign(due, { painted: false, idle: false });
    armed = true;
  };
  return watch;
})();
