import type { Manifest } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { openArtifactStore } from '../artifact/store.ts'
import { askStatus } from '../control/socket.ts'
import type { AgentStatus } from '../control/status.ts'
import { openBundles } from '../converge/bundles.ts'

/** What a batch asks: a deployment of the running agent with the bundle that is active in it now. */
export interface BatchTarget {
  url: string
  deployment: string
  version: string
  digest: string
  manifest: Manifest
}

/**
 * Finds the deployment of a name, or the only one that runs a model of that name.
 * @throws Problem `agent.unreachable`, `inference.not-found`, `store.corrupt`
 */
export async function findTarget(directory: string, model: string): Promise<BatchTarget> {
  const status = await askStatus(directory)
  if (status === null || status.httpUrl === null)
    throw new Problem('agent.unreachable', `No agent runs in ${directory}.`, { hint: `Start it: muster-agent run --dir ${directory}` })
  const { deployment, active } = findActive(status, model)
  // Only read here: the running agent decides what happens to a damaged file.
  const store = { ...openArtifactStore(directory), remove: () => undefined }
  const manifest = openBundles(store, []).manifest(active.digest)
  return { url: status.httpUrl, deployment, version: active.version, digest: active.digest, manifest }
}

function findActive({ deployments }: AgentStatus, model: string) {
  const byName = Object.hasOwn(deployments, model)
    ? [model]
    : Object.keys(deployments).filter((name) => deployments[name]!.active?.model === model)
  if (byName.length > 1) throw new Problem('inference.not-found', `Several deployments run ${model}; name one of ${byName.join(', ')}.`)
  const deployment = byName[0]
  const active = deployment === undefined ? null : deployments[deployment]!.active
  if (deployment !== undefined && active !== null) return { deployment, active }
  const names = Object.keys(deployments).join(', ')
  throw new Problem(
    'inference.not-found',
    `Nothing here serves '${model}'; ${names === '' ? 'no model is deployed' : `there is ${names}`}.`,
  )
}
