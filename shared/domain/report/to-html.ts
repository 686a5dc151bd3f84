import { escapedHtml } from '../privacy/document.ts'
import { chartSvg } from './chart-svg.ts'
import type { ReportBlock, ReportColumn, ReportDocument, ReportFigure, ReportValue } from './document.ts'
import { aboutRows, chartTable } from './parts.ts'
import type { ReportSeal } from './seal.ts'
import { emptyText, figureParts, periodText, styleOf, styleOfChart, valueText, type ValueStyle } from './value-text.ts'

/** A report as one HTML file: no script, nothing that is loaded, and a page that prints. */
export function reportHtml(document: ReportDocument, seal: ReportSeal): string {
  const style = styleOf(document)
  const sections = document.sections.map(
    ({ id, title, blocks }) => `<section id="${id}"><h2>${escapedHtml(title)}</h2>${blocksHtml(blocks, style)}</section>`,
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

const SHOWN_SIGNS = 12
const STYLE = `
:root{color-scheme:light}
body{font:14px/1.5 "Segoe UI",system-ui,-apple-system,Roboto,"Helvetica Neue",Arial,sans-serif;max-width:70em;margin:2.5em auto 4em;padding:0 2em;color:#16191d;background:#fff;font-variant-numeric:tabular-nums}
header{border-bottom:2px solid #16191d;padding-bottom:14px}
h1{font-size:26px;line-height:1.2;margin:0;letter-spacing:-.01em}h2{font-size:18px;margin:2.4em 0 .8em;padding-bottom:4px;border-bottom:1px solid #c3c8cf}h3{font-size:13px;font-weight:600;margin:1.8em 0 .4em}
.period{color:#545b64;margin:.3em 0 .8em}.lead{font-size:16px;line-height:1.5;margin:0;max-width:52em}.note{color:#545b64;font-size:12px;margin:.5em 0 0;max-width:60em}.none{color:#545b64;margin:.3em 0}
table{border-collapse:collapse;width:100%;font-size:12px}th,td{border-bottom:1px solid #e6e9ec;padding:4px 10px 4px 0;text-align:left;vertical-align:top}
thead th{color:#545b64;font-weight:600;border-bottom-color:#c3c8cf;vertical-align:bottom}td.hash{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace;font-size:11px;white-space:nowrap}
td.number,th.number{text-align:right;white-space:nowrap;padding:4px 0 4px 12px}.wide{overflow-x:auto}
.about th{font-weight:400;color:#545b64;white-space:nowrap;width:14em}.about td{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(13.5em,1fr));gap:0 24px;margin:0}dl div{border-top:1px solid #dfe2e6;padding:8px 0 14px}
dt{color:#545b64;font-size:12px}dd{margin:0;font-size:21px;line-height:1.35;font-weight:600;letter-spacing:-.01em}dd small{display:block;font-size:11px;line-height:1.4;font-weight:400;letter-spacing:0;color:#545b64}
figure{margin:0 0 1em}svg{display:block;width:100%;max-width:640px;height:auto}summary{color:#545b64;font-size:12px;cursor:pointer;padding:4px 0}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(30em,100%),1fr));gap:0 32px}
@page{size:A4;margin:14mm}
@media print{body{max-width:none;margin:0;padding:0;font-size:11px}h1{font-size:22px}h2{font-size:15px}.lead{font-size:13px}table{font-size:9px}th,td{padding:2px 6px 2px 0}td.number,th.number{padding:2px 0 2px 8px}td.hash{font-size:8px}dd{font-size:16px}dd small,dt,.note{font-size:9px}dl{grid-template-columns:repeat(4,1fr);gap:0 14px}.charts{grid-template-columns:1fr 1fr;gap:0 16px}.wide{overflow:visible}thead{display:table-header-group}tr,dl div,figure{break-inside:avoid}h2,h3{break-after:avoid}details{display:none}}
`

/** Charts that follow each other stand side by side where there is room. */
function blocksHtml(blocks: readonly ReportBlock[], style: ValueStyle): string {
  const parts = blocks.map((block, i) => {
    const isChart = block.kind === 'chart'
    const begins = isChart && blocks[i - 1]?.kind !== 'chart'
    const ends = isChart && blocks[i + 1]?.kind !== 'chart'
    return `${begins ? '<div class="charts">' : ''}${blockHtml(block, style)}${ends ? '</div>' : ''}`
  })
  return parts.join('\n')
}

function blockHtml(block: ReportBlock, style: ValueStyle): string {
  switch (block.kind) {
    case 'sentence':
      return `<p>${escapedHtml(block.text)}</p>`
    case 'figures':
      return `<dl>${block.figures.map((one) => figureHtml(one, style)).join('')}</dl>`
    case 'table': {
      const title = block.title === '' ? '' : `<h3>${escapedHtml(block.title)}</h3>`
      const note = block.note === '' ? '' : `<p class="note">${escapedHtml(block.note)}</p>`
      return (
        title + (block.rows.length === 0 ? `<p class="none">${emptyText(block)}</p>` : tableHtml(block.columns, block.rows, style)) + note
      )
    }
    case 'chart': {
      const { columns, rows } = chartTable(block)
      return `<figure><h3>${escapedHtml(block.title)}</h3>${chartSvg(block, style)}<details><summary>Values</summary>${tableHtml(columns, rows, styleOfChart(block, style))}</details></figure>`
    }
  }
}

function figureHtml(figure: ReportFigure, style: ValueStyle): string {
  const { own, rest } = figureParts(figure, style)
  const small = [rest, figure.note].filter((part) => part !== '').map((part) => `<small>${escapedHtml(part)}</small>`)
  return `<div><dt>${escapedHtml(figure.label)}</dt><dd>${escapedHtml(own)}${small.join('')}</dd></div>`
}

function tableHtml(columns: readonly ReportColumn[], rows: readonly (readonly ReportValue[])[], style: ValueStyle): string {
  const classes = columns.map(({ id, unit }) =>
    id === 'fingerprint' ? ' class="hash"' : unit === 'text' || unit === 'time' ? '' : ' class="number"',
  )
  const head = columns.map(({ label }, i) => `<th scope="col"${classes[i]}>${escapedHtml(label)}</th>`).join('')
  const body = rows.map(
    (row) => `<tr>${columns.map((column, i) => `<td${classes[i]}>${cellHtml(column, row[i] ?? null, style)}</td>`).join('')}</tr>`,
  )
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

/** A fingerprint stands by its first signs: the whole one is under "About this report". */
function cellHtml({ id, unit }: ReportColumn, value: ReportValue, style: ValueStyle): string {
  const text = escapedHtml(valueText(value, unit, style))
  return id === 'fingerprint' && text.length > SHOWN_SIGNS ? `<span title="${text}">${text.slice(0, SHOWN_SIGNS)}…</span>` : text
}
