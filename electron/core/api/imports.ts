import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { newJobId } from '../jobs/jobs.ts'
import type { JobWork } from '../jobs/jobs.ts'
import { inspectFiles } from '../registry/inspect/inspect-files.ts'
import type { ReleaseParts } from './release-parts.ts'

type Names = 'models.beginUpload' | 'models.discardUpload' | 'models.inspect' | 'models.import'
type Files = ParsedInputOf<'models.inspect'>['files']

/** Handlers of `models.*` that bring versions in. */
export function importsHandlers(parts: ReleaseParts): Pick<Handlers, Names> {
  const { uploads, jobs } = parts
  return {
    'models.beginUpload': ({ fileName, sizeBytes }) => uploads.begin(fileName, sizeBytes),
    'models.discardUpload': ({ tickets }, context) => {
      const known = tickets.filter((ticket) => uploads.nameOf(ticket) !== null)
      context.afterCommit(() => uploads.discard(known))
      return { discarded: known.length }
    },
    'models.inspect': ({ files, target }) => inspect(parts, files, target ?? null),
    'models.import': (input, context) => {
      const job = newJobId()
      const title = `Import ${uploads.nameOf(input.files.model) ?? 'a model'}`
      const work = importWork(parts, input, context.caller.actor)
      context.afterCommit(() => jobs.run(job, { kind: 'models.import', title }, work))
      return { job }
    },
  }
}

/** Takes the files, and lets go of them whatever comes. */
function importWork(parts: ReleaseParts, input: ParsedInputOf<'models.import'>, actor: string): JobWork {
  const { uploads, registry } = parts
  return async ({ signal, progress }) => {
    const file = (ticket: string | undefined) => (ticket === undefined ? null : uploads.take(ticket))
    try {
      const model = uploads.take(input.files.model)
      const [bundle, train, holdout] = [file(input.files.bundle), file(input.files.train), file(input.files.holdout)]
      const made = await registry.import({
        modelPath: model.path,
        modelFileName: model.fileName,
        ...(bundle === null ? {} : { bundlePath: bundle.path }),
        ...(train === null ? {} : { trainPath: train.path }),
        ...(holdout === null ? {} : { holdoutPath: holdout.path, holdoutName: holdout.fileName }),
        ...(input.model === undefined ? {} : { model: input.model }),
        ...(input.version === undefined ? {} : { version: input.version }),
        ...(input.target === undefined ? {} : { target: input.target }),
        ...{ importedBy: actor, signal, progress },
      })
      parts.changed('models')
      return made
    } finally {
      uploads.discard(Object.values(input.files).filter((ticket) => ticket !== undefined))
    }
  }
}

function inspect({ uploads, registry }: ReleaseParts, files: Files, target: string | null): Promise<ResultOf<'models.inspect'>> {
  const file = (ticket: string | undefined) => (ticket === undefined ? null : { ticket, ...uploads.take(ticket) })
  const given = { model: file(files.model), bundle: file(files.bundle), train: file(files.train), holdout: file(files.holdout) }
  return inspectFiles(given, { target, versionsOf: (model) => registry.versions(model).map(({ version }) => version) })
}
