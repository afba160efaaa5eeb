// What the browser tests look at on the labelling page. Nothing here changes the page, but for scrolling.
window.looking = (() => {
  const annotation = () => window.Htx?.annotationStore?.selected;
  const pane = () => document.querySelector(".lsf-richtext__container");

  // Where the character at a code-point offset stands: the article's characters are text nodes, and a <br> for each
  // CR and each LF. The whole grapheme it belongs to, because an accent has no width of its own.
  const character = (offset) => {
    const walker = document.createTreeWalker(pane(), NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    let position = 0;
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeName === "BR") position += 1;
      if (node.nodeType !== Node.TEXT_NODE) continue;
      const points = [...node.data];
      if (offset >= position && offset < position + points.length) {
        return grapheme(node, points.slice(0, offset - position).join("").length);
      }
      position += points.length;
    }
    throw new Error(`no character at ${offset} of ${position}`);
  };

  const grapheme = (node, unit) => {
    const begin = Math.max(0, unit - 40);
    const around = node.data.slice(begin, unit + 40);
    const cluster = new Intl.Segmenter("en", { granularity: "grapheme" }).segment(around).containing(unit - begin);
    const range = new Range();
    range.setStart(node, begin + cluster.index);
    range.setEnd(node, begin + cluster.index + cluster.segment.length);
    const area = [...range.getClientRects()].find((one) => one.width > 0) ?? range.getBoundingClientRect();
    return { area, leftwards: /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(cluster.segment) };
  };

  const middle = ({ area }) => [area.left + area.width / 2, area.top + area.height / 2];
  const inside = ({ area }) => Math.min(1.5, area.width / 4);
  const left = (one) => [one.area.left + inside(one), middle(one)[1]];
  const right = (one) => [one.area.right - inside(one), middle(one)[1]];
  const hit = (point) => document.elementFromPoint(...point);

  // Tells whether all of the characters can be seen, after scrolling where that is needed.
  const intoView = (offsets) => {
    const seen = () => offsets.map(character).every((one) => pane().contains(hit(middle(one))));
    if (seen()) return true;
    const scrolls = (box) => box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY);
    let scroller = pane();
    while (scroller && !scrolls(scroller)) scroller = scroller.parentElement;
    if (!scroller) return false;
    const frame = scroller.getBoundingClientRect();
    const heights = offsets.map((offset) => middle(character(offset))[1]);
    scroller.scrollTop += (Math.min(...heights) + Math.max(...heights)) / 2 - frame.top - frame.height / 2;
    return seen();
  };

  return {
    task: () => ({ task: window.Htx?.task?.id ? Number(window.Htx.task.id) : null, ready: Boolean(pane()?.textContent) }),

    // Where a drag over the characters first to last begins and stops: near the outer edges of the two.
    ends: (first, last) => {
      if (!intoView([first, last])) return null;
      const [one, other] = [character(first), character(last)];
      return [one.leftwards ? right(one) : left(one), other.leftwards ? left(other) : right(other)];
    },

    middle: (offset) => (intoView([offset]) ? middle(character(offset)) : null),

    // Where a click hits this region and none that lies over it; null when it is covered.
    place: (id) => {
      const region = annotation().regions.find((one) => one.cleanId === id);
      const { start, end } = region.globalOffsets;
      const mine = (point) => hit(point)?.closest(".htx-highlight")?.classList.contains(region.className);
      intoView([start]);
      for (let offset = start; offset < end; offset += 1) {
        let place;
        try {
          place = middle(character(offset));
        } catch {
          continue; // the end of a line
        }
        if (mine(place)) return place;
      }
      return null;
    },

    // Where the knob at an end of the selected region is caught: above its beginning, below its end.
    handle: (end) => {
      const bar = pane().querySelector(end === "start" ? ".__resize_left" : ".__resize_right");
      if (!bar) return null;
      const knob = Number.parseFloat(getComputedStyle(bar, "::after").height) / 2;
      const { left, width, top, bottom } = bar.getBoundingClientRect();
      return [left + width / 2, end === "start" ? top - knob : bottom + knob];
    },

    row: (id) => {
      const number = annotation().regions.find((one) => one.cleanId === id).region_index;
      const rows = [...document.querySelectorAll(".lsf-tree__node .lsf-outliner-item")];
      const row = rows.find((one) => one.querySelector(".lsf-outliner-item__index")?.textContent === String(number));
      if (!row) return null;
      row.scrollIntoView({ block: "nearest" });
      return middle({ area: row.querySelector(".lsf-outliner-item__title").getBoundingClientRect() });
    },

    labels: () => (annotation()?.names.get("label")?.selectedValues() ?? []),
    selected: () => [...(annotation()?.selectedRegions ?? [])].map((one) => one.cleanId),
    regions: () =>
      (annotation()?.regions ?? [])
        .filter((one) => one.globalOffsets)
        .map((one) => ({
          id: one.cleanId,
          start: one.globalOffsets.start,
          end: one.globalOffsets.end,
          labels: [...one.labels],
        })),
    result: () => JSON.parse(JSON.stringify(annotation()?.serializeAnnotation() ?? [])),
  };
})();
