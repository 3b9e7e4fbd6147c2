// Keeps a page as it is now: the portal says "changed", and the page is fetched again, as its officer.
(() => {
  "use strict";
  const own = document.currentScript;
  const say = own.dataset;
  const SLOW = 15000, SLOWEST = 120000;
  let mark = say.mark, line = null, timer = 0, wait = SLOW;
  const here = () => location.pathname + location.search;
  const asked = (path) => `${path}?halaman=${encodeURIComponent(here())}&jejak=${mark}`;
  const typing = () => {
    const main = document.querySelector("main");
    const at = document.activeElement;
    const used = (one) => one.type === "checkbox" || one.type === "radio" ? one.checked !== one.defaultChecked
      : one.type === "file" || one.tagName === "SELECT" ? false : one.value !== one.defaultValue;
    return (main.contains(at) && at.matches("input, select, textarea, summary"))
      || [...main.querySelectorAll("input, textarea")].some(used) || String(getSelection()) !== "";
  };
  const told = (text) => { document.getElementById("kabar").textContent = text; };
  const offer = () => {
    if (document.getElementById("baru")) return;
    const note = document.createElement("p"), link = document.createElement("a");
    note.className = "note note--wait";
    note.id = "baru";
    link.href = here();
    link.textContent = say.show;
    note.append(`${say.changed} `, link);
    document.querySelector("main").prepend(note);
    told(say.changed);
  };
  const fresh = async () => {
    const answer = await fetch(here(), { redirect: "error", headers: { "Ksad-Unattended": "true" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main"), script = page.querySelector("script[data-mark]");
    if (!main || !script) return;
    if (typing()) { offer(); return; }
    const open = [...document.querySelectorAll("main details")].map((one) => one.open);
    const focused = document.activeElement && document.activeElement.getAttribute("href");
    const inside = document.querySelector("main").contains(document.activeElement);
    [...main.querySelectorAll("details")].forEach((one, at) => { if (open[at]) one.open = true; });
    document.querySelector("main").replaceWith(main);
    if (inside && focused) [...main.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused)?.focus();
    mark = script.dataset.mark;
    told(say.updated);
  };
  const changed = () => fresh().catch(() => {});
  const poll = async () => {
    timer = 0;
    if (document.hidden) return;
    try {
      const answer = await fetch(asked(say.now), { redirect: "error" });
      if (answer.status === 200) { await changed(); wait = SLOW; } else wait = Math.min(wait * 2, SLOWEST);
      if (answer.status === 401) return;
    } catch { wait = Math.min(wait * 2, SLOWEST); }
    timer = setTimeout(poll, wait);
  };
  const begin = () => {
    if (document.hidden || line || timer) return;
    line = new EventSource(asked(say.line));
    line.addEventListener("berubah", changed);
    line.addEventListener("usai", () => end());
    line.addEventListener("error", () => {
      if (line && line.readyState === EventSource.CLOSED) { line = null; timer = setTimeout(poll, wait); }
    });
  };
  const end = () => {
    if (line) line.close();
    clearTimeout(timer);
    line = null;
    timer = 0;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
  addEventListener("pagehide", end);
  addEventListener("pageshow", begin);
  begin();
})();
