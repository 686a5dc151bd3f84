import { modelName, modelVersionName } from '../../../../shared/domain/ids.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import type { GivenFile } from './upload-desk.ts'

type Inspected = OutputOf<'models.inspect'>

/** What a person wrote; `null`: nothing yet, what the files say counts. */
export interface Draft {
  model: string | null
  version: string | null
  target: string | null
}

/** A draft with what the files say filled in, and what is wrong with it. */
export interface CheckedDraft {
  model: string
  version: string
  modelProblem: string | null
  versionProblem: string | null
  /** The version is there already: its content would have to be the same. */
  isTaken: boolean
  /** Versions that the model of this name has. */
  versions: string[]
}

/** Fills in and checks a draft. @param known versions of the registry */
export function checkDraft(
  draft: Draft,
  inspected: Inspected['model'],
  known: readonly { model: string; version: string }[],
): CheckedDraft {
  const model = (draft.model ?? inspected?.model ?? '').trim()
  const version = (draft.version ?? inspected?.version ?? '').trim()
  const versions = known.filter((one) => one.model === model).map((one) => one.version)
  return {
    model,
    version,
    modelProblem: problemOf(modelName.safeParse(model), model, 'The file does not say a name. Give one.'),
    versionProblem: problemOf(modelVersionName.safeParse(version), version, 'The file does not say a version. Give one.'),
    isTaken: versions.includes(version),
    versions,
  }
}

function problemOf(
  parsed: { success: boolean; error?: { issues: readonly { message: string }[] } | undefined },
  text: string,
  ifEmpty: string,
): string | null {
  if (parsed.success) return null
  if (text === '') return ifEmpty
  const message = parsed.error?.issues[0]?.message ?? 'this cannot be a name'
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
}

/** Why the import cannot start yet, in one sentence; `null`: it can. */
export function whyNotReady(files: readonly GivenFile[], inspected: Inspected | undefined, draft: CheckedDraft): string | null {
  const used = files.filter(({ role }) => role !== null)
  if (!used.some(({ role }) => role === 'model')) return 'An .onnx file is needed.'
  const failed = used.find(({ problem }) => problem !== null)
  if (failed?.problem?.code === 'model.external-data-forbidden') return `Weights of ${failed.name} are missing.`
  if (failed !== undefined) return `${failed.name} could not be sent. Send it again, or take it off.`
  if (used.some(({ ticket }) => ticket === null)) return 'Files are on their way.'
  if (inspected === undefined) return 'The files are being read.'
  const refused = [inspected.model, inspected.bundle, inspected.train, inspected.holdout].find((part) => part?.problem)
  if (refused !== undefined && refused !== null) return `${refused.fileName} would be refused.`
  if (draft.modelProblem !== null || draft.versionProblem !== null) return 'The name and the version are needed.'
  return null
}

/** The next version to offer where one is taken: the last number of the release counts up. */
export function nextVersion(version: string, taken: readonly string[]): string | null {
  const parts = /^(.*?)(\d+)([^\d]*)$/.exec(version)
  if (parts === null) return null
  const [, before, number, after] = parts
  for (let next = Number(number) + 1; next < Number(number) + 100; next += 1) {
    const made = `${before}${next}${after}`
    if (!taken.includes(made) && modelVersionName.safeParse(made).success) return made
  }
  return null
}
