// What the pages do beyond being read: nothing here is needed to read or to act.
"use strict";
(() => {
  const say = (at, now) => {
    const away = Math.abs(at - now) / 1000;
    if (away < 1) return "now";
    return at < now ? `${length(away)} ago` : `in ${length(away)}`;
  };
  const two = n => String(n).padStart(2, "0");
  // As Lengths.Of on the server.
  const length = s => s < 60 ? `${Math.floor(s)} s`
    : s < 3600 ? `${Math.floor(s / 60)} min`
    : s < 86400 ? `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} min`
    : `${Math.floor(s / 86400)} d ${Math.floor(s / 3600) % 24} h`;

  const tick = () => {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const at = Date.parse(time.dateTime);
      // Seconds matter to whoever waits for them, and tire everybody else.
      const text = time.hasAttribute("data-countdown") && at > now && at - now < 3600000
        ? `in ${Math.floor((at - now) / 60000)}:${two(Math.floor((at - now) / 1000) % 60)} min`
        : time.hasAttribute("data-countdown") && at <= now ? "due now"
        : say(at, now);
      if (time.textContent !== text) time.textContent = text;
    }
  };
  tick();
  setInterval(tick, 1000);

  // A key leads to what is marked with it by data-key. j and k go to the next and the previous of what is marked with data-step, Enter follows the link in it.
  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, [contenteditable]")) return;
    const linked = document.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
    if (linked) { linked.click(); e.preventDefault(); return; }
    const steps = [...document.querySelectorAll("[data-step]")];
    if (steps.length === 0 || (e.key !== "j" && e.key !== "k")) return;
    const here = steps.findIndex(s => s === document.activeElement || s.contains(document.activeElement));
    const next = here < 0 ? (e.key === "j" ? 0 : steps.length - 1) : Math.min(steps.length - 1, Math.max(0, here + (e.key === "j" ? 1 : -1)));
    const target = steps[next].matches("a, button, [tabindex]") ? steps[next] : steps[next].querySelector("a, button");
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
    e.preventDefault();
  });

  // A form is sent once, however often it is clicked; coming back with the browser's button makes it whole again.
  document.addEventListener("submit", e => {
    if (e.target.method !== "post") return;
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(f => delete f.dataset.sent));

  // What is marked with data-live is fetched again when the service says that something changed.
  const parts = () => document.querySelectorAll("[data-live-part]");
  if (parts().length === 0 || !window.EventSource) return;
  const light = document.querySelector("[data-live]");
  let busy = false, again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
      if (!answer.ok) { if (answer.status !== 503) { over = true; close(); } return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts()) {
        const made = fresh.getElementById(part.id);
        // What somebody is using (an open list, a field with the focus) is left as it is.
        if (!made || part.innerHTML === made.innerHTML || part.contains(document.activeElement) || part.querySelector("details[open]")) continue;
        part.replaceChildren(...made.childNodes);
        part.classList.remove("fresh");
        void part.offsetWidth;
        part.classList.add("fresh");
      }
      tick();
    } catch { /* the service is away for a moment; the event source says when it is back */ }
    finally {
      busy = false;
      if (again) { again = false; setTimeout(refresh, 500); }
    }
  };
  // Only while it is looked at: a browser has six connections to an origin, and each hidden tab would keep one.
  let source = null, over = false;
  const close = () => { source?.close(); source = null; if (light) light.hidden = true; };
  const open = () => {
    if (source || over || document.hidden) return;
    source = new EventSource("/live");
    source.addEventListener("open", () => { if (light) light.hidden = false; });
    source.addEventListener("error", () => { if (light) light.hidden = true; });
    // Once more a little later: a look that serves everybody for two seconds may be from just before.
    source.addEventListener("changed", () => { refresh(); setTimeout(refresh, 2500); });
    source.addEventListener("end", () => { over = true; close(); });
  };
  open();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); return; }
    if (source || over) return;
    open();
    refresh();
  });
  window.addEventListener("pagehide", close);
  // Back from the browser's store of pages: what it showed then may be old.
  window.addEventListener("pageshow", e => { if (e.persisted && !over) { open(); refresh(); } });
})();
