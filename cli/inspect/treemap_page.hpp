// The page around the treemap's data: style and script, with no address in them.
#pragma once

#include <string_view>

namespace davit::cli {

inline constexpr std::string_view k_treemap_head = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Where the bytes are</title>
<style>
  :root { color-scheme: light dark; --line: #8886; --text: #1b1f24; --page: #fff; }
  @media (prefers-color-scheme: dark) { :root { --text: #e6e6e6; --page: #16191d; } }
  * { box-sizing: border-box; }
  body { margin: 0; padding: 1rem; font: 14px/1.4 system-ui, sans-serif; color: var(--text); background: var(--page); }
  nav { margin-bottom: .5rem; }
  nav button { border: 0; background: none; color: inherit; font: inherit; text-decoration: underline; cursor: pointer; padding: 0 .2rem; }
  #map { position: relative; height: 62vh; min-height: 20rem; border: 1px solid var(--line); overflow: hidden; }
  .box { position: absolute; overflow: hidden; border: 1px solid var(--page); color: #14171a; font-size: 12px; padding: 1px 3px;
         text-align: left; white-space: nowrap; text-overflow: ellipsis; }
  .box.inner { cursor: zoom-in; }
  .box:focus-visible { outline: 3px solid #06c; z-index: 1; }
  table { border-collapse: collapse; margin-top: 1rem; width: 100%; }
  th, td { text-align: right; white-space: nowrap; padding: .1rem .6rem; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
  th:last-child, td:last-child { text-align: left; width: 100%; white-space: normal; overflow-wrap: anywhere; }
</style>
</head>
<body>
<nav id="path" aria-label="where you are"></nav>
<div id="map" role="group" aria-label="treemap: the larger the box, the more bytes"></div>
<table><thead><tr><th>bytes</th><th>share</th><th>retained</th><th>name</th></tr></thead><tbody id="rows"></tbody></table>
<script type="application/json" id="data">)html";

inline constexpr std::string_view k_treemap_tail = R"html(</script>
<script>
"use strict";
const root = JSON.parse(document.getElementById("data").textContent);
const map = document.getElementById("map");
const rows = document.getElementById("rows");
const crumbs = document.getElementById("path");
const smallest = 4;   // pixels; smaller boxes are not drawn
const label = 15;     // pixels for the name of a box with others in it
const deepest = 3;    // levels drawn at once

function size(bytes) {
  if (bytes < 1024) return bytes + " B";
  const units = ["KiB", "MiB", "GiB"];
  let at = -1;
  do { bytes /= 1024; at++; } while (bytes >= 1024 && at < units.length - 1);
  return bytes.toFixed(1) + " " + units[at];
}

// The address carries the way to the box that is shown, so that it can be sent to others.
function trail() {
  const nodes = [root];
  for (const step of location.hash.slice(1).split("/").filter(s => s !== "")) {
    const next = (nodes[nodes.length - 1].c || [])[Number(step)];
    if (!next) break;
    nodes.push(next);
  }
  return nodes;
}

function steps() { return location.hash.slice(1).split("/").filter(s => s !== ""); }
function go(parts) { location.hash = parts.join("/"); }

// Squarified: rows along the shorter side, as long as the worst proportion gets better.
function layout(children, x, y, width, height, place) {
  const total = children.reduce((sum, child) => sum + child.s, 0);
  if (total === 0 || width < smallest || height < smallest) return;
  const scale = width * height / total;
  let start = 0;
  while (start < children.length) {
    const side = Math.min(width, height);
    let area = 0, end = start, worst = Infinity;
    while (end < children.length) {
      const more = area + children[end].s * scale;
      const largest = children[start].s * scale, least = children[end].s * scale;
      const next = Math.max(side * side * largest / (more * more), more * more / (side * side * least));
      if (next > worst) break;
      worst = next;
      area = more;
      end++;
    }
    const depth = area / side;
    let along = 0;
    for (let i = start; i < end; i++) {
      const length = children[i].s * scale / depth;
      if (width >= height) place(children[i], i, x, y + along, depth, length);
      else place(children[i], i, x + along, y, length, depth);
      along += length;
    }
    if (width >= height) { x += depth; width -= depth; } else { y += depth; height -= depth; }
    if (width < smallest || height < smallest) return;
    start = end;
  }
}

function hue(name) {
  let sum = 7;
  for (let i = 0; i < name.length; i++) sum = (sum * 31 + name.charCodeAt(i)) >>> 0;
  return sum % 360;
}

function draw(node, way, x, y, width, height, level, color) {
  layout(node.c || [], x, y, width, height, (child, index, left, top, wide, high) => {
    if (wide < smallest || high < smallest) return;
    const tint = level === 0 ? hue(child.n) : color;
    const box = document.createElement("div");
    const inner = Boolean(child.c);
    box.className = inner ? "box inner" : "box";
    box.style.cssText = `left:${left}px;top:${top}px;width:${wide}px;height:${high}px;` +
      `background:hsl(${tint} 55% ${78 - 8 * level}%)`;
    box.title = child.n + "\n" + size(child.s) + (child.r ? ", retains " + size(child.r) : "");
    if (wide > 30 && high > 13) box.textContent = child.n;
    const target = way.concat(index);
    if (inner) {
      box.tabIndex = 0;
      box.setAttribute("role", "button");
      box.addEventListener("click", () => go(target));
      box.addEventListener("keydown", event => { if (event.key === "Enter") go(target); });
    }
    map.append(box);
    if (inner && level + 1 < deepest)
      draw(child, target, left + 1, top + label, wide - 2, high - label - 1, level + 1, tint);
  });
}

function show() {
  const nodes = trail();
  const node = nodes[nodes.length - 1];
  document.title = node.n + ": where the bytes are";
  crumbs.replaceChildren();
  nodes.forEach((each, at) => {
    if (at > 0) crumbs.append(" › ");
    const button = document.createElement("button");
    button.textContent = each.n + " (" + size(each.s) + ")";
    button.addEventListener("click", () => go(steps().slice(0, at)));
    crumbs.append(button);
  });
  map.replaceChildren();
  draw(node, steps().slice(0, nodes.length - 1).map(Number), 0, 0, map.clientWidth, map.clientHeight, 0, 0);
  rows.replaceChildren();
  for (const child of node.c || [node]) {
    const row = rows.insertRow();
    const share = root.s === 0 ? 0 : 100 * child.s / root.s;
    for (const text of [child.s.toLocaleString("en"), share.toFixed(1) + " %", child.r ? size(child.r) : "", child.n])
      row.insertCell().textContent = text;
  }
}

addEventListener("hashchange", show);
addEventListener("resize", show);
addEventListener("keydown", event => { if (event.key === "Escape") go(steps().slice(0, -1)); });
show();
</script>
</body>
</html>
)html";

}  // namespace davit::cli
