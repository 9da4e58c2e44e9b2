using Microsoft.Playwright;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>What WCAG 2.2 AA asks of every page and a program can tell, computed from what the browser shows: names, labels, landmarks, headings, contrast, sizes of targets.</summary>
internal static class PageChecks
{
    private const string Script = """
        () => {
          const faults = [];
          const say = (what, e) => faults.push(`${what}: ${e ? (e.outerHTML ?? e.textContent).replace(/\s+/g, " ").slice(0, 110) : ""}`);
          const all = (s, from = document) => [...from.querySelectorAll(s)];
          const shown = e => { const r = e.getBoundingClientRect(); const c = getComputedStyle(e); return r.width > 1 && r.height > 1 && c.visibility !== "hidden" && !e.closest(".visually-hidden, .skip"); };
          const text = e => (e.textContent ?? "").replace(/\s+/g, " ").trim();
          const name = e => {
            const by = e.getAttribute("aria-labelledby");
            if (by) return by.split(" ").map(id => text(document.getElementById(id) ?? { textContent: "" })).join(" ").trim();
            if (e.getAttribute("aria-label")) return e.getAttribute("aria-label");
            if (e.labels?.length) return text(e.labels[0]);
            return text(e) || all("img[alt]", e).map(i => i.alt).join(" ").trim();
          };
          if (!document.documentElement.lang) say("no language");
          if (!document.title) say("no title");
          const ids = all("[id]").map(e => e.id);
          for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) faults.push(`id given twice: ${id}`);
          for (const e of all("[aria-describedby], [aria-labelledby]"))
            for (const id of `${e.getAttribute("aria-describedby") ?? ""} ${e.getAttribute("aria-labelledby") ?? ""}`.split(" ").filter(Boolean))
              if (!document.getElementById(id)) say(`names ${id}, which is not there`, e);
          if (all("main").length !== 1) say("not one main");
          if (all("body > header").length !== 1) say("not one header");
          if (all("body > footer").length !== 1) say("not one footer");
          for (const e of all("nav, [role=region], section[aria-labelledby], section[aria-label]")) if (!name(e)) say("landmark without name", e);
          if (all("h1").length !== 1) say(`${all("h1").length} first headings`);
          let level = 0;
          for (const h of all("h1, h2, h3, h4, h5, h6").filter(h => h.getClientRects().length)) {
            const now = Number(h.tagName[1]);
            if (now > level + 1) say(`heading skips from ${level} to ${now}`, h);
            level = now;
          }
          for (const e of all("a, button, summary, input:not([type=hidden]), select, textarea").filter(shown)) {
            if (!name(e)) say("control without name", e);
            const r = e.getBoundingClientRect();
            const inline = e.tagName === "A" && e.closest("p, li, dd, td, th, figcaption, h2, h3") && getComputedStyle(e).display === "inline";
            if (!inline && (r.width < 24 || r.height < 24)) say(`target of ${Math.round(r.width)} x ${Math.round(r.height)} px`, e);
          }
          for (const e of all("input:not([type=hidden]), select, textarea")) if (!e.labels?.length && !e.getAttribute("aria-label")) say("field without label", e);
          for (const e of all("img")) if (!e.hasAttribute("alt")) say("image without alt", e);
          for (const e of all("svg[role=img]")) if (!name(e)) say("drawing without name", e);
          for (const e of all("table")) if (!e.caption) say("table without caption", e);
          for (const e of all("th")) if (!e.scope) say("th without scope", e);
          for (const e of all("[style]")) say("style attribute", e);
          for (const e of all("[tabindex]")) if (e.tabIndex > 0) say("tabindex above 0", e);
          for (const e of all("a[href='#'], a:not([href])")) say("link to nowhere", e);
          if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
            const wide = all("body *").filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".scroll"));
            say(`wider than the window (${document.documentElement.scrollWidth} of ${document.documentElement.clientWidth})`, wide.at(-1));
          }

          const rgb = value => { const m = value.match(/[\d.]+/g).map(Number); return { r: m[0], g: m[1], b: m[2], a: m[3] ?? 1 }; };
          const over = (top, under) => ({ r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 });
          const ground = e => { let layers = []; for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); layers.push(c); if (c.a === 1) break; } return layers.reduceRight((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 }); };
          const light = c => { const f = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(c.r) + .7152 * f(c.g) + .0722 * f(c.b); };
          const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
          const seen = new Set();
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const e = walk.currentNode.parentElement;
            if (!walk.currentNode.data.trim() || seen.has(e) || !shown(e) || e.closest("title, desc, script, :disabled")) continue;
            seen.add(e);
            const c = getComputedStyle(e), under = ground(e);
            const ink = over(rgb(e instanceof SVGElement ? c.fill : c.color), under);
            const size = parseFloat(c.fontSize), large = size >= 24 || (size >= 18.66 && Number(c.fontWeight) >= 700);
            const ratio = contrast(ink, under);
            if (ratio < (large ? 3 : 4.5)) say(`contrast ${ratio.toFixed(2)}`, e);
          }
          return faults;
        }
        """;

    /// <returns>What is wrong with the page as it is shown now; empty when nothing is.</returns>
    public static Task<string[]> FaultsAsync(IPage page) => page.EvaluateAsync<string[]>(Script);
}
