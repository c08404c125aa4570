/// The style sheet of every page. The colours are those of Okabe and Ito (2008), which the colour-blind tell apart,
/// made lighter on a dark ground.
enum PageStyle {
  static let sheet: StaticString = """

    :root {
      --paper: #fff; --ink: #1a1d21; --muted: #59616b; --rule: #dde1e6; --band: #f5f6f8; --bad: #a8201a;
      --heap: #8fbfe0; --resident: #c44f00; --accent: #0072b2;
      --mark0: #c44f00; --mark1: #0072b2; --mark2: #008060; --mark3: #a8508a; --mark4: #2b8fc7; --mark5: #b07900;
      --mark6: #4a4f57; --mark7: #6d5bd0;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #15181c; --ink: #e4e7eb; --muted: #9ba4af; --rule: #30363d; --band: #1c2026; --bad: #ff8f85;
        --heap: #2f6f9f; --resident: #ff9a4d; --accent: #58b0e6;
        --mark0: #ff9a4d; --mark1: #58b0e6; --mark2: #3cc29a; --mark3: #dd93c4; --mark4: #8fd0f2; --mark5: #e8b23a;
        --mark6: #c2c8cf; --mark7: #a99cf5;
      }
    }
    * { box-sizing: border-box; }
    html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 76rem; background: var(--paper); color: var(--ink);
      font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
      font-variant-numeric: tabular-nums; overflow-wrap: break-word;
    }
    h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; }
    h2 { margin: 0 0 .4rem; font-size: 1.3rem; line-height: 1.3; font-weight: 650; }
    h3, h4 { margin: 0 0 .1rem; font-size: 1rem; font-weight: 650; }
    h3.step { margin-top: 1.8rem; font-size: 1.1rem; }
    dl + h3 { margin-top: 1.6rem; }
    p { margin: 0 0 .8rem; max-width: 44rem; }
    li { max-width: 44rem; }
    section { margin-top: 3rem; padding-top: 1.4rem; border-top: 1px solid var(--rule); }
    code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    a { color: var(--accent); text-underline-offset: .15em; }
    .source { margin: .3rem 0 1.4rem; color: var(--muted); font-size: .9rem; max-width: none; }
    .answer { font-size: 1.2rem; line-height: 1.45; max-width: 50rem; }
    .answer.more { font-size: 1.05rem; color: var(--muted); }
    .alert { padding: .6rem .9rem; border-left: 3px solid var(--bad); background: var(--band); max-width: 50rem; }
    nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 1.4rem 0 0; padding: 0; list-style: none;
      font-size: .9rem; }
    .muted { color: var(--muted); font-size: .9rem; }
    .key { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; font-size: .9rem; color: var(--muted); }
    .key span { display: inline-flex; align-items: center; gap: .5rem; }
    .key i { display: inline-block; width: 1.5rem; height: .8rem; }
    .key .heap-key { background: var(--heap); }
    .key .resident-key { height: 0; border-top: 2px solid var(--resident); }
    .key .dot-key { width: .5rem; height: .5rem; border-radius: 50%; background: var(--accent); }
    .key .median-key { width: 0; height: .9rem; border-left: 2px solid var(--ink); }
    .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr));
      gap: 2rem 2.2rem; margin: 1.2rem 0 .6rem; }
    figure { margin: 0; min-width: 0; break-inside: avoid; }
    figcaption { margin-bottom: .6rem; }
    figcaption p { margin: 0; color: var(--muted); font-size: .85rem; line-height: 1.4; }
    svg { display: block; width: 100%; max-width: 28rem; height: auto; }
    svg text { font-size: 12px; fill: var(--ink); }
    svg text.small { font-size: 10.5px; fill: var(--muted); }
    svg path { fill: none; }
    svg .grid { stroke: var(--rule); stroke-width: 1; }
    svg .axis { stroke: var(--muted); stroke-width: 1; }
    svg .heap { fill: var(--heap); }
    svg .resident { stroke: var(--resident); stroke-width: 1.8; stroke-linecap: square; }
    svg .bar { fill: var(--accent); }
    svg .dot { fill: var(--accent); fill-opacity: .5; }
    svg .median { stroke: var(--ink); stroke-width: 1.6; }
    svg .series { stroke: var(--mark); stroke-width: 1.5; }
    svg .leader { stroke: var(--mark); stroke-width: 1; stroke-opacity: .45; }
    svg .point { fill: var(--mark); stroke: var(--paper); stroke-width: .75; }
    .mark0 { --mark: var(--mark0); } .mark1 { --mark: var(--mark1); } .mark2 { --mark: var(--mark2); }
    .mark3 { --mark: var(--mark3); } .mark4 { --mark: var(--mark4); } .mark5 { --mark: var(--mark5); }
    .mark6 { --mark: var(--mark6); } .mark7 { --mark: var(--mark7); } .shared { --mark: var(--muted); }
    details { margin-top: 1.2rem; }
    summary { cursor: pointer; color: var(--accent); font-size: .9rem; }
    .scroll { overflow-x: auto; margin: .8rem 0; }
    table { border-collapse: collapse; font-size: .88rem; line-height: 1.35; }
    caption { text-align: left; padding: 0 0 .6rem; color: var(--muted); }
    th, td { padding: .28rem .8rem; text-align: right; white-space: nowrap; vertical-align: baseline; }
    th:first-child, td.verdict, .verdicts th:nth-child(2) { text-align: left; }
    tr > :first-child { padding-left: 0; }
    thead th { font-weight: 600; color: var(--muted); border-bottom: 1px solid var(--muted); }
    thead th[scope=colgroup] { border-bottom: 1px solid var(--rule); }
    .peers th, .peers td { text-align: right; padding-right: 0; }
    .peers .first { padding-left: 1.8rem; }
    .peers th[scope=row], .peers th[scope=rowgroup], .peers th[rowspan] { text-align: left; }
    tbody th { font-weight: 400; }
    tbody td { border-bottom: 1px solid var(--rule); }
    tbody th[scope=row] { border-bottom: 1px solid var(--rule); }
    tbody th[scope=rowgroup] { padding-top: 1.1rem; font-weight: 650; text-align: left;
      border-bottom: 1px solid var(--muted); }
    .leaks .verdict { color: var(--bad); font-weight: 650; }
    .facts th, .facts td { text-align: left; white-space: normal; }
    .facts { width: 100%; max-width: 48rem; }
    .facts th { color: var(--muted); width: 14rem; }
    dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .3rem 1.2rem;
      margin: .8rem 0; font-size: .9rem; }
    dt { font-weight: 600; } dd { margin: 0; color: var(--muted); }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    @media (min-width: 64rem) {
      .scroll:has(.verdicts) { overflow: visible; }
      .verdicts thead th { position: sticky; top: 0; background: var(--paper); }
      .verdicts th[scope=row], .verdict { white-space: normal; overflow-wrap: anywhere; max-width: 22rem; }
    }
    @media (max-width: 40rem) {
      body { padding: 1.4rem 1rem 3rem; }
      h1 { font-size: 1.5rem; }
      th, td { padding: .28rem .45rem; }
      .answer { font-size: 1.1rem; }
      section { margin-top: 2.2rem; }
      tbody th[scope=row] { position: sticky; left: 0; background: var(--paper); }
      dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
      .facts { width: 100%; max-width: 48rem; }
    .facts th { width: 8rem; }
    }
    @media print {
      :root {
        --paper: #fff; --ink: #000; --muted: #444; --rule: #ccc; --band: #fff; --bad: #8f1410;
        --heap: #8fbfe0; --resident: #b34700; --accent: #005c91;
        --mark0: #c44f00; --mark1: #0072b2; --mark2: #008060; --mark3: #a8508a; --mark4: #2b8fc7; --mark5: #b07900;
        --mark6: #4a4f57; --mark7: #6d5bd0;
      }
      html { color-scheme: light; }
      body { max-width: none; padding: 0; font-size: 9.5pt; print-color-adjust: exact;
        -webkit-print-color-adjust: exact; }
      nav, summary { display: none; }
      details::details-content { content-visibility: visible; display: block; }
      section { margin-top: 1.4rem; padding-top: .8rem; }
      .charts { grid-template-columns: repeat(2, 1fr); gap: 1.2rem 1.6rem; }
      .scroll { overflow: visible; }
      table { font-size: 8pt; }
      th, td { padding: .15rem .4rem; }
      h2, h3, caption, figcaption { break-after: avoid; }
      tr { break-inside: avoid; }
      tr:has(th[scope=rowgroup]) { break-after: avoid; }
    }

    """
}
