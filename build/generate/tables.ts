import { problems } from '../../shared/domain/problems.ts'
import { attributes } from '../../shared/domain/query/attributes.ts'
import { agentCatalog } from '../../shared/metrics/agent-catalog.ts'
import { consoleCatalog } from '../../shared/metrics/console-catalog.ts'
import type { MetricFacts } from '../../shared/metrics/family.ts'
import { topics } from '../../shared/protocol/topics.ts'
import { contract } from '../../shared/rpc/contract.ts'

/** A Markdown table. */
export function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

/** The generated parts of documents, by the name that stands in their markers. */
export const generatedTables: Record<string, () => string> = {
  topics: () =>
    table(
      ['topic after `muster/1/<fleet>/`', 'from', 'QoS', 'retained', 'payload', 'carries'],
      Object.values(topics).map((topic) => [
        `\`${topic.path}\``,
        topic.from,
        String(topic.qos),
        topic.retain ? 'yes' : 'no',
        topic.payload === 'bytes' ? 'bytes' : 'JSON',
        topic.summary,
      ]),
    ),
  methods: () =>
    table(
      ['method', 'kind', 'role', 'what it does'],
      Object.entries(contract).map(([name, method]) => [`\`${name}\``, method.kind, method.role, method.summary]),
    ),
  problems: () =>
    table(
      ['code', 'exit', 'HTTP', 'what to do next'],
      Object.entries(problems).map(([code, kind]) => [`\`${code}\``, String(kind.exit), String(kind.http), kind.hint]),
    ),
  consoleMetrics: () => metricTable(consoleCatalog),
  agentMetrics: () => metricTable(agentCatalog),
  attributes: () =>
    table(
      ['attribute', 'type', 'meaning'],
      Object.entries(attributes).map(([name, attribute]) => [`\`${name}\``, attribute.type, attribute.summary]),
    ),
}

function metricTable(catalog: Record<string, MetricFacts>): string {
  return table(
    ['metric', 'type', 'labels', 'what it says'],
    Object.entries(catalog).map(([name, { type, labels, help }]) => [`\`${name}\``, type, labels.join(', '), help]),
  )
}

/** Replaces what stands between `<!-- generated: name -->` and `<!-- end -->`. */
export function withGenerated(document: string): string {
  return document.replace(/(<!-- generated: (\w+) -->\n)[^]*?(<!-- end -->)/g, (_, begin: string, name: string, end: string) => {
    const make = generatedTables[name]
    if (make === undefined) throw new Error(`no generated part is called '${name}'`)
    return `${begin}${make()}\n${end}`
  })
}
