import { modelName, modelVersionName, type ModelName, type ModelVersionName } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { firstIssue } from '../../../shared/protocol/decode.ts'

/** Where a name and a version may be said, from the strongest to the weakest. */
export interface NameSources {
  explicit: { model?: string | undefined; version?: string | undefined }
  bundle: { model?: string | undefined; version?: string | undefined }
  /** Name of the file as its owner called it. */
  fileName: string
  metadata: Readonly<Record<string, string>>
  graphName: string
}

const semantic = /^(.+?)[-_@]v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+_-]+)?)$/
const numbered = /^(.+)[-_@]v?(\d+(?:\.\d+)*)$/

/**
 * Model and version, each from the first source that says it: the caller, bundle.json, a file name like `digits-1.1.0.onnx`,
 * the metadata of the file (`version`) with the name of its graph.
 * @throws Problem `input.invalid` for a name that the caller or bundle.json may not give, `model.name-needed` where nobody says
 */
export function resolveName(sources: NameSources): { model: ModelName; version: ModelVersionName } {
  const file = nameOfFile(sources.fileName)
  const metadataVersion = Object.hasOwn(sources.metadata, 'version') ? sources.metadata['version'] : undefined
  const model =
    said(modelName, sources.explicit.model ?? sources.bundle.model) ?? derived(modelName, [file?.model, sources.graphName].map(asModelName))
  const version =
    said(modelVersionName, sources.explicit.version ?? sources.bundle.version) ??
    derived(modelVersionName, [file?.version, metadataVersion?.trim()])
  if (model === null || version === null) {
    const missing = model === null ? (version === null ? 'a name and a version' : 'a name') : 'a version'
    throw new Problem(
      'model.name-needed',
      `Neither the call, bundle.json, the file name "${sources.fileName.slice(0, 100)}" nor its metadata gives ${missing}.`,
    )
  }
  return { model, version }
}

/** `digits-1.3.0-regressed.onnx` → digits, 1.3.0-regressed; `null` if the name has no version at its end. */
export function nameOfFile(fileName: string): { model: string; version: string } | null {
  const stem = fileName.replace(/^.*[/\\]/, '').replace(/\.onnx$/i, '')
  const match = semantic.exec(stem) ?? numbered.exec(stem)
  return match === null ? null : { model: match[1]!, version: match[2]! }
}

type NameSchema<Name> = {
  safeParse(text: string): { success: true; data: Name } | { success: false; error: Parameters<typeof firstIssue>[0] }
}

/** What a person said must be right as it is. */
function said<Name>(schema: NameSchema<Name>, text: string | undefined): Name | null {
  if (text === undefined) return null
  const parsed = schema.safeParse(text)
  if (!parsed.success) throw new Problem('input.invalid', `"${text.slice(0, 100)}": ${firstIssue(parsed.error)}`)
  return parsed.data
}

/** What was found somewhere counts only if it can be a name. */
function derived<Name>(schema: NameSchema<Name>, texts: readonly (string | undefined)[]): Name | null {
  for (const text of texts) {
    const parsed = text === undefined ? null : schema.safeParse(text)
    if (parsed?.success === true) return parsed.data
  }
  return null
}

/** Free text as a model name: lower case, runs of other characters become one `-`. */
export function asModelName(text: string | undefined): string | undefined {
  return text
    ?.toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64)
}
