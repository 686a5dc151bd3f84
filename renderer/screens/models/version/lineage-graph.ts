import { layeredScene, type LayeredScene } from '../../../../shared/charts/layered-graph.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'

type Detail = Pick<OutputOf<'models.show'>, 'model' | 'version' | 'digest' | 'lineage' | 'runs' | 'baselineRows' | 'goldenRows'>

/** One thing of a lineage. */
export interface LineageNode {
  kind: 'file' | 'bundle' | 'version' | 'deployment' | 'devices'
  title: string
  detail: string
  /** Version that the node opens. */
  version?: string
  deployment?: string
  isSelf?: boolean
}

export interface Lineage {
  nodes: ReadonlyMap<string, LineageNode>
  scene: LayeredScene
}

const size = { node: { width: 176, height: 44 }, gap: { x: 40, y: 12 } } as const
/** Deployments that are drawn by name; the devices are counted over all. */
const MOST_DEPLOYMENTS = 4

/** From file to bundle to version to device, as a small graph; the parent version leads to this one. */
export function lineageOf({ version, digest, lineage, runs, baselineRows, goldenRows }: Detail): Lineage {
  const nodes = new Map<string, LineageNode>()
  const edges: { from: string; to: string }[] = []
  const sources = ['model']
  nodes.set('model', { kind: 'file', title: lineage.sourceName, detail: 'model file' })
  edges.push({ from: 'model', to: 'bundle' })
  if (baselineRows !== null) {
    nodes.set('train', { kind: 'file', title: `${baselineRows} training rows`, detail: 'baseline and schema' })
    sources.push('train')
    edges.push({ from: 'train', to: 'bundle' })
  }
  if (lineage.holdoutName !== null) {
    nodes.set('holdout', {
      kind: 'file',
      title: lineage.holdoutName,
      detail: goldenRows > 0 ? `metrics, ${goldenRows} golden cases` : 'metrics',
    })
    sources.push('holdout')
    edges.push({ from: 'holdout', to: 'bundle' })
  }
  nodes.set('bundle', { kind: 'bundle', title: digest.slice(0, 12), detail: 'signed bundle' })
  nodes.set('self', { kind: 'version', title: version, detail: 'this version', version, isSelf: true })
  edges.push({ from: 'bundle', to: 'self' })
  const befores = ['bundle']
  if (lineage.parent !== null) {
    nodes.set('parent', { kind: 'version', title: lineage.parent, detail: 'imported before it', version: lineage.parent })
    befores.push('parent')
    edges.push({ from: 'parent', to: 'self' })
  }
  const afters: string[] = []
  for (const deployment of runs.deployments.slice(0, MOST_DEPLOYMENTS)) {
    const id = `deployment ${deployment}`
    nodes.set(id, { kind: 'deployment', title: deployment, detail: 'deployment', deployment })
    afters.push(id)
    edges.push({ from: 'self', to: id })
  }
  if (lineage.child !== null) {
    nodes.set('child', { kind: 'version', title: lineage.child, detail: 'imported after it', version: lineage.child })
    afters.push('child')
    edges.push({ from: 'self', to: 'child' })
  }
  const last: string[] = []
  if (runs.deployments.length > 0) {
    nodes.set('devices', {
      kind: 'devices',
      title: `${runs.active.count} of ${runs.desired.count} devices`,
      detail: 'report to run it',
    })
    last.push('devices')
    for (const id of afters) if (id !== 'child') edges.push({ from: id, to: 'devices' })
  }
  return { nodes, scene: layeredScene({ columns: [sources, befores, ['self'], afters, last], edges, ...size }) }
}

/** The size of a node of the graph in px. */
export const nodeSize = size.node
