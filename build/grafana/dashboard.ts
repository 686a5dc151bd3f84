import { rows, type Panel } from './panels.ts'

/** Columns of a dashboard, and heights of what stands in it, in the units of Grafana. */
const COLUMNS = 24
const heights = { row: 1, stat: 4, timeseries: 8 } as const
/** Version of the model of dashboards that Grafana 10 and 11 read as it is, and newer ones bring up. */
const SCHEMA_VERSION = 39

const source = { type: 'prometheus', uid: '${source}' }

/** The dashboard as Grafana imports it. */
export function dashboardDocument(): string {
  const dashboard = {
    ...{ uid: 'muster-fleet', title: 'Muster', tags: ['muster'], schemaVersion: SCHEMA_VERSION, version: 1, editable: true },
    ...{ refresh: '30s', time: { from: 'now-6h', to: 'now' }, timezone: 'browser', graphTooltip: 1 },
    templating: {
      list: [
        { name: 'source', label: 'Data source', type: 'datasource', query: 'prometheus' },
        {
          ...{ name: 'deployment', label: 'Deployment', type: 'query', datasource: source, refresh: 2, sort: 1 },
          ...{ includeAll: true, multi: true, allValue: '.*', current: { text: ['All'], value: ['$__all'] } },
          definition: 'label_values(muster_deployment_devices, deployment)',
          query: { query: 'label_values(muster_deployment_devices, deployment)', refId: 'deployment' },
        },
      ],
    },
    panels: placed(),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

/** Panels from left to right, in rows as high as their highest. */
function placed(): object[] {
  const panels: object[] = []
  let y = 0
  const next = (): number => panels.length + 1
  for (const row of rows) {
    panels.push({
      id: next(),
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: heights.row },
    })
    y += heights.row
    let x = 0
    let highest = 0
    for (const panel of row.panels) {
      if (x + panel.width > COLUMNS) {
        y += highest
        x = 0
        highest = 0
      }
      const h = heights[panel.kind]
      panels.push(panelOf(panel, { id: next(), gridPos: { x, y, w: panel.width, h } }))
      x += panel.width
      highest = Math.max(highest, h)
    }
    y += highest
  }
  return panels
}

function panelOf({ title, kind, unit, queries }: Panel, at: { id: number; gridPos: object }): object {
  const targets = queries.map(({ expr, legend }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: source,
    expr,
    legendFormat: legend,
  }))
  return { ...at, type: kind, title, datasource: source, fieldConfig: { defaults: { unit }, overrides: [] }, targets }
}
