/** A document as data, so that Markdown and HTML say the same. */
export interface Document {
  title: string
  parts: readonly DocumentPart[]
}

/** A part of it: a heading, a paragraph, a list, or a table. */
export type DocumentPart =
  | { heading: string }
  | { text: string }
  | { list: readonly string[] }
  | { columns: readonly string[]; rows: readonly (readonly (string | number | null)[])[] }

/** A document as Markdown. */
export function markdownOf({ title, parts }: Document): string {
  const blocks = parts.map((part) => {
    if ('heading' in part) return `## ${lineOf(part.heading)}`
    if ('text' in part) return lineOf(part.text)
    if ('list' in part) return part.list.map((item) => `- ${lineOf(item)}`).join('\n')
    const row = (cells: readonly (string | number | null)[]): string =>
      `| ${cells.map((cell) => lineOf(String(cell ?? '–'))).join(' | ')} |`
    return [row(part.columns), row(part.columns.map(() => '---')), ...part.rows.map(row)].join('\n')
  })
  return `${[`# ${lineOf(title)}`, ...blocks].join('\n\n')}\n`
}

/** A document as one HTML file, which loads nothing. */
export function htmlOf({ title, parts }: Document): string {
  const body = parts.map((part) => {
    if ('heading' in part) return `<h2>${escapedHtml(part.heading)}</h2>`
    if ('text' in part) return `<p>${escapedHtml(part.text)}</p>`
    if ('list' in part) return `<ul>${part.list.map((item) => `<li>${escapedHtml(item)}</li>`).join('')}</ul>`
    const row = (cells: readonly (string | number | null)[], tag: 'th' | 'td'): string =>
      `<tr>${cells.map((cell) => `<${tag}>${escapedHtml(String(cell ?? '–'))}</${tag}>`).join('')}</tr>`
    return `<table><thead>${row(part.columns, 'th')}</thead><tbody>${part.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapedHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapedHtml(title)}</h1>
${body.join('\n')}
</body>
</html>
`
}

const STYLE =
  'body{font:14px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1a1d23}table{border-collapse:collapse;width:100%;margin:1em 0}th,td{border:1px solid #c5c9d1;padding:4px 8px;text-align:left;vertical-align:top}h1{font-size:22px}h2{font-size:17px;margin-top:2em}'

/** One line of Markdown: nothing that a device or a person named may begin a tag or a cell. */
function lineOf(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('\\', '\\\\')
    .replace(/[|<>`*_[\]]/g, (mark) => `\\${mark}`)
}

/** A text that HTML shows as it is. */
export function escapedHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')
}
