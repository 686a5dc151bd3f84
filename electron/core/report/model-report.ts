import { plainFigure, type ReportTable } from '../../../shared/domain/report/document.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { nearestName } from '../../../shared/domain/query/nearest.ts'
import { counted, modelsOf, section, sectionOfThen, type ReportMaker } from './draft.ts'
import { driftTable } from './drift-table.ts'
import { gather } from './gather.ts'
import type { ReportScope, ReportSources } from './sources.ts'
import { causeTable, qualityFigures, trafficCharts, trafficFigures, versionChart, versionTable } from './traffic-blocks.ts'

/** What the versions of one model, or of all, did over a period. */
export const modelReport: ReportMaker = async (sources, scope, work) => {
  const { question } = scope
  const digests = digestsOf(sources, question.model)
  const gathered = await gather(sources, scope, { ...work, digests })
  const { versions, total } = gathered
  const ran = gathered.devices.filter(({ hasTraffic }) => hasTraffic).length
  return {
    title: question.model === null ? 'Model report' : `Model report: ${question.model}`,
    sentence: `${counted(versions.length, 'version', 'versions')} answered ${counted(total.requests, 'request', 'requests')} on ${counted(ran, 'device', 'devices')}.`,
    models: modelsOf(versions),
    sections: [
      section('summary', 'Summary', [
        {
          kind: 'figures',
          id: 'summary',
          figures: [
            plainFigure({ id: 'versions', label: 'Versions that answered', unit: 'count', value: versions.length }),
            plainFigure({ id: 'devices', label: 'Devices that they answered on', unit: 'count', value: ran }),
            ...trafficFigures(gathered, question),
            ...qualityFigures(total),
          ],
        },
      ]),
      section('versions', 'Version by version', [versionTable(versions), versionChart(gathered), causeTable(total)]),
      section('course', 'Over time', trafficCharts(gathered)),
      section('drift', 'Drift', [await driftTable(sources, scope, { ...work, versions })]),
      section('decisions', 'Decisions', [decisionTable(sources, scope)]),
      sectionOfThen('places', 'Where versions are ordered when the report was made', [placeTable(sources, scope)]),
    ],
  }
}

/** Bundles of a model; null: of all. @throws Problem `input.invalid` with the nearest name */
export function digestsOf({ store }: ReportSources, model: string | null): string[] | null {
  if (model === null) return null
  const all = store.versionNames.all()
  const digests = all.filter((one) => one.model === model).map(({ digest }) => digest)
  if (digests.length > 0) return digests
  const near = nearestName(model, [...new Set(all.map((one) => one.model))])
  throw new Problem('input.invalid', `There is no model '${model}'.${near === null ? '' : ` Did you mean '${near}'?`}`)
}

/** What people decided about versions. */
export function decisionTable({ store }: ReportSources, { question }: Pick<ReportScope, 'question'>): ReportTable {
  const { model, from, through } = question
  return {
    ...{ kind: 'table', id: 'decisions', title: 'Decisions about versions', keys: 4, note: '' },
    columns: [
      { id: 'at', label: 'When', unit: 'time' },
      { id: 'model', label: 'Model', unit: 'text' },
      { id: 'version', label: 'Version', unit: 'text' },
      { id: 'act', label: 'What', unit: 'text' },
      { id: 'actor', label: 'Who', unit: 'text' },
      { id: 'stage', label: 'Stage after it', unit: 'text' },
      { id: 'despite', label: 'Despite gates', unit: 'text' },
      { id: 'why', label: 'Why', unit: 'text' },
    ],
    rows: store.reportRows
      .decisionsWithin({ from, through })
      .filter((one) => model === null || one.model === model)
      .map((one) => [
        ...[one.at, one.model, one.version, one.act, one.actor, one.toStage, one.isDespiteGates === 1 ? 'yes' : 'no'],
        one.why.slice(0, 4000),
      ]),
  }
}

function placeTable({ store }: ReportSources, { question, devices }: ReportScope): ReportTable {
  const asked = new Set(devices)
  const places = new Map<string, { cells: string[]; devices: number }>()
  for (const { device, deployment, model, version } of store.deployments.all()) {
    if (!asked.has(device) || (question.model !== null && model !== question.model)) continue
    const cells = [deployment, model, version]
    const place = places.get(cells.join(' ')) ?? { cells, devices: 0 }
    places.set(cells.join(' '), place)
    place.devices += 1
  }
  const rows = [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { cells, devices: count }]) => [...cells, count])
  return {
    ...{ kind: 'table', id: 'places', title: '', keys: 3, rows, note: '' },
    columns: [
      { id: 'deployment', label: 'Deployment', unit: 'text' },
      { id: 'model', label: 'Model', unit: 'text' },
      { id: 'version', label: 'Version', unit: 'text' },
      { id: 'devices', label: 'Devices', unit: 'count' },
    ],
  }
}
