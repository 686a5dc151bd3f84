import type { CommandContext, Handlers } from '../../../shared/rpc/dispatch.ts'
import { selectDevices } from '../devices/summary.ts'
import { agreementOf } from '../labelling/agreement.ts'
import type { LabellingScope } from '../labelling/desk-context.ts'
import { exportLabels } from '../labelling/export-labels.ts'
import { importLabels } from '../labelling/import-labels.ts'
import { progressOf } from '../labelling/progress.ts'
import { queueOf } from '../labelling/queue.ts'
import { keyOf } from '../labelling/task-id.ts'
import { labelRow, settleRow, skipRow, undoLast } from '../labelling/votes.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `labelling.${string}`>
type ScopeInput = { deployment?: string | undefined; model?: string | undefined; version?: string | undefined; query: string }

const sampling =
  'Devices send samples as the configuration says: random ones (samplesPerWindow), those of low confidence (lowConfidenceSamples) and ' +
  'those unlike the training rows (outlierSamples); a shadow adds those on which it disagrees. All are off until a rule switches them on.'

/** Handlers of `labelling.*`. */
export function labellingHandlers({ store, desk, changed }: Pick<ApiParts, 'store' | 'desk' | 'changed'>): Pick<Handlers, Names> {
  const { context } = desk
  const scopeOf = ({ deployment, model, version, query }: ScopeInput): LabellingScope => ({
    devices: query === '' ? null : new Set(selectDevices(store, query).map(({ device }) => device)),
    ...{ deployment, model, version },
    ...(model === undefined && version === undefined ? {} : { bundles: bundlesOf(store, { model, version }) }),
  })
  const tell = ({ afterCommit }: CommandContext): void => afterCommit(() => changed('labelling'))
  return {
    'labelling.queue': ({ reason, include, limit, by, ...scope }, caller) =>
      queueOf(context, { scope: scopeOf(scope), reason, include, limit, by: by ?? caller.actor }),
    'labelling.progress': (scope) => progressOf(context, scopeOf(scope)),
    'labelling.label': ({ task, label, by }, command) => {
      const settled = labelRow(context, { task, label, by: by ?? command.caller.actor })
      tell(command)
      return { task, settled, progress: progressOf(context, { devices: null, ...subjectOf(context, task) }) }
    },
    'labelling.skip': ({ task, by }, command) => {
      skipRow(context, { task, by: by ?? command.caller.actor })
      tell(command)
      return { task }
    },
    'labelling.undo': ({ by, ...scope }, command) => {
      const undone = undoLast(context, { by: by ?? command.caller.actor, scope: scopeOf(scope) })
      tell(command)
      return undone ?? { task: null, was: null }
    },
    'labelling.settle': ({ task, label, by }, command) => {
      const settled = settleRow(context, { task, label, by: by ?? command.caller.actor })
      tell(command)
      return { task, settled }
    },
    'labelling.agreement': (scope) => agreementOf(context, scopeOf(scope)),
    'labelling.settings': () => ({ ...context.settings(), sampling }),
    'labelling.set': (change, command) => {
      tell(command)
      return desk.set(Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)))
    },
    'labelling.import': ({ labels, by }, command) => {
      const imported = importLabels(context, { labels, by: by ?? command.caller.actor })
      tell(command)
      return imported
    },
    'labelling.export': ({ after, limit, ...scope }) => exportLabels(context, { scope: scopeOf(scope), after, limit }),
  }
}

/** What was labelled, so that its progress is told: of the same bundle. */
function subjectOf(
  { table }: ApiParts['desk']['context'],
  task: string,
): Pick<LabellingScope, 'deployment' | 'model' | 'version' | 'bundles'> {
  const row = table.find(keyOf(task))
  return row === null ? {} : { deployment: row.deployment, model: row.model, version: row.version, bundles: [row.digest] }
}

function bundlesOf({ versionNames }: ApiParts['store'], of: Pick<ScopeInput, 'model' | 'version'>): string[] {
  return versionNames
    .all()
    .filter(({ model, version }) => (of.model === undefined || of.model === model) && (of.version === undefined || of.version === version))
    .map(({ digest }) => digest)
}
