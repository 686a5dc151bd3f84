import { escapedHtml } from '../privacy/document.ts'
import { chartSvg } from './chart-svg.ts'
import type { ReportBlock, ReportColumn, ReportDocument, ReportFigure, ReportValue } from './document.ts'
import { aboutRows, chartTable } from './parts.ts'
import type { ReportSeal } from './seal.ts'
import { figureText, periodText, styleOf, valueText, type ValueStyle } from './value-text.ts'

/** A report as one HTML file: no script, nothing that is loaded, and a page that prints. */
export function reportHtml(document: ReportDocument, seal: ReportSeal): string {
  const style = styleOf(document)
  const sections = document.sections.map(
    ({ id, title, blocks }) =>
      `<section id="${id}"><h2>${escapedHtml(title)}</h2>${blocks.map((block) => blockHtml(block, style)).join('\n')}</section>`,
  )
  const about = aboutRows(document, seal).map(
    ([label, value]) => `<tr><th scope="row">${escapedHtml(label)}</th><td>${escapedHtml(value)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapedHtml(document.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapedHtml(document.title)}</h1>
<p class="period">${escapedHtml(`${document.fleet}, ${periodText(document.question)}`)}</p>
<p class="lead">${escapedHtml(document.sentence)}</p></header>
<main>
${sections.join('\n')}
<section id="about"><h2>About this report</h2><table class="about"><tbody>${about.join('')}</tbody></table></section>
</main>
</body>
</html>
`
}

const STYLE = `
body{font:14px/1.5 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1.5em;color:#111827;background:#fff;font-variant-numeric:tabular-nums}
h1{font-size:24px;margin:0}h2{font-size:17px;margin:2em 0 .5em;border-bottom:1px solid #d1d5db}h3{font-size:14px;margin:1.2em 0 .3em}
.period{color:#4b5563;margin:.2em 0}.lead{font-size:15px}.note{color:#4b5563;font-size:12px}
table{border-collapse:collapse;width:100%;font-size:12px}th,td{border-bottom:1px solid #e5e7eb;padding:3px 8px;text-align:left;vertical-align:top}
td.number,th.number{text-align:right;white-space:nowrap}.about td{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(15em,1fr));gap:8px;margin:.5em 0}dl div{border:1px solid #e5e7eb;border-radius:4px;padding:8px}
dt{color:#4b5563;font-size:12px}dd{margin:0;font-size:18px}dd small{display:block;font-size:11px;color:#4b5563}figure{margin:0 0 1em}svg{max-width:100%;height:auto}
@page{margin:14mm}@media print{body{max-width:none;margin:0;padding:0;font-size:11px}thead{display:table-header-group}tr,dl div,figure{break-inside:avoid}h2,h3{break-after:avoid}details{display:none}}
`

function blockHtml(block: ReportBlock, style: ValueStyle): string {
  switch (block.kind) {
    case 'sentence':
      return `<p>${escapedHtml(block.text)}</p>`
    case 'figures':
      return `<dl>${block.figures.map((one) => figureHtml(one, style)).join('')}</dl>`
    case 'table': {
      const title = block.title === '' ? '' : `<h3>${escapedHtml(block.title)}</h3>`
      const note = block.note === '' ? '' : `<p class="note">${escapedHtml(block.note)}</p>`
      return title + (block.rows.length === 0 ? '<p>Nothing to list.</p>' : tableHtml(block.columns, block.rows, style)) + note
    }
    case 'chart': {
      const { columns, rows } = chartTable(block)
      return `<figure><h3>${escapedHtml(block.title)}</h3>${chartSvg(block, style)}<details><summary>Values</summary>${tableHtml(columns, rows, style)}</details></figure>`
    }
  }
}

function figureHtml(figure: ReportFigure, style: ValueStyle): string {
  const [own = '', ...rest] = figureText(figure, style).split(/(?= \()|(?=, n = )/)
  const small = [rest.join(''), figure.note]
    .filter((part) => part !== '')
    .map((part) => `<small>${escapedHtml(part.replace(/^[ ,]+/, ''))}</small>`)
  return `<div><dt>${escapedHtml(figure.label)}</dt><dd>${escapedHtml(own)}${small.join('')}</dd></div>`
}

function tableHtml(columns: readonly ReportColumn[], rows: readonly (readonly ReportValue[])[], style: ValueStyle): string {
  const classes = columns.map(({ unit }) => (unit === 'text' || unit === 'time' ? '' : ' class="number"'))
  const head = columns.map(({ label }, i) => `<th scope="col"${classes[i]}>${escapedHtml(label)}</th>`).join('')
  const body = rows.map(
    (row) =>
      `<tr>${columns.map(({ unit }, i) => `<td${classes[i]}>${escapedHtml(valueText(row[i] ?? null, unit, style))}</td>`).join('')}</tr>`,
  )
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`
}
