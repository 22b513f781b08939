"""The style sheet of the HTML report; colours are the tokens of look.md, light and dark."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark;
  --background: #f7f7f8; --panel: #ffffff; --line: #e3e4e8; --text: #1b1d22; --muted: #646a76; --accent: #2f6fed;
  --running: #1f5cd1; --succeeded: #17703f; --failed: #b8322c; --waiting: #8a5300; --canceled: #5b6270; }
@media (prefers-color-scheme: dark) { :root {
  --background: #16181d; --panel: #1d2026; --line: #2c3038; --text: #e7e9ee; --muted: #9aa1ae; --accent: #6c9cff;
  --running: #6c9cff; --succeeded: #5ac48b; --failed: #ff7b73; --waiting: #f0b04f; --canceled: #9aa1ae; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 24px; background: var(--background); color: var(--text);
  font: 13px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1080px; margin: 0 auto; }
section, header { background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
  padding: 16px 20px; margin: 0 0 16px; }
h1 { font-size: 20px; font-weight: 600; margin: 0 0 4px; }
h1 .state { font-size: 14px; margin-left: 8px; }
h2 { font-size: 15px; font-weight: 600; margin: 0 0 12px; }
h3 { font-size: 13px; font-weight: 600; margin: 20px 0 8px; } h4 { font-size: 13px; margin: 16px 0 6px; }
p { margin: 0 0 8px; } ul { margin: 0 0 12px; padding-left: 20px; }
p + dl { margin-top: 12px; }
header > p.strong { font-size: 15px; font-weight: 500; }
.muted, .empty, footer { color: var(--muted); }
p.strong, dd.strong { font-weight: 600; } p.mono { color: var(--muted); }
code, pre, .mono { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: 12px; }
bdi, pre, code, td, dd, li, p { unicode-bidi: isolate; overflow-wrap: anywhere; }
figure { margin: 0 0 12px; } figcaption { color: var(--muted); font-size: 12px; }
pre { margin: 2px 0 0; padding: 8px 12px; border: 1px solid var(--line); border-radius: 5px;
  background: var(--background); white-space: pre-wrap; max-height: 32rem; overflow: auto; }
dl { display: grid; grid-template-columns: minmax(90px, max-content) 1fr; gap: 4px 16px; margin: 0 0 12px; }
dt { color: var(--muted); } dd { margin: 0; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; border-top: 1px solid var(--line); padding-top: 10px; }
nav a { color: var(--accent); text-decoration: none; }
table { width: 100%; border-collapse: collapse; margin: 0 0 12px; table-layout: fixed; }
th { text-align: left; font-weight: 600; color: var(--muted); font-size: 12px; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.end, th.end { text-align: right; font-variant-numeric: tabular-nums; }
td.time { font-variant-numeric: tabular-nums; }
.state { font-weight: 600; }
.running { color: var(--running); fill: var(--running); }
.succeeded { color: var(--succeeded); fill: var(--succeeded); }
.failed { color: var(--failed); fill: var(--failed); } .waiting { color: var(--waiting); fill: var(--waiting); }
.canceled, .unknown { color: var(--canceled); fill: var(--canceled); }
.edge-failed { border-left: 4px solid var(--failed); }
svg { width: 100%; height: auto; display: block; }
svg text { font: 12px system-ui, "Segoe UI", Roboto, sans-serif; fill: var(--text); }
svg text.quiet { fill: var(--muted); font-size: 11px; }
svg text.failed { fill: var(--failed); } svg text.succeeded { fill: var(--succeeded); }
svg text.waiting { fill: var(--waiting); } svg text.running { fill: var(--running); }
svg .rule { stroke: var(--line); } svg .fold { fill: var(--line); }
svg .stripe { stroke: var(--panel); stroke-width: 3; }
footer { padding: 0 4px; font-size: 12px; }
@media print {
  @page { margin: 14mm; }
  :root { --background: #ffffff; --panel: #ffffff; --line: #c9ccd3; --text: #000000; --muted: #4a4f59;
    --running: #1f5cd1; --succeeded: #17703f; --failed: #b8322c; --waiting: #8a5300; --canceled: #5b6270; }
  body { padding: 0; font-size: 11px; } nav { display: none; }
  section, header { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 12px 0; }
  .edge-failed { border-left: 0; }
  pre { max-height: none; overflow: visible; }
  h2, h3, h4, tr, svg g { break-inside: avoid; } h2, h3, h4, figcaption { break-after: avoid; }
  svg, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
