/** What a file of an import is. */
export const fileRoles = ['model', 'train', 'holdout', 'bundle'] as const
export type FileRole = (typeof fileRoles)[number]

/** The roles in words. */
export const roleNames: Record<FileRole, string> = {
  model: 'Model (ONNX)',
  train: 'Training rows (CSV)',
  holdout: 'Hold-out rows (CSV)',
  bundle: 'bundle.json',
}

/** What each file is good for. */
export const roleUses: Record<FileRole, string> = {
  model: 'the only file that is needed, with files of weights that it has beside it',
  train: 'schema, ranges and baseline are computed from it',
  holdout: 'metrics and the golden set come from it',
  bundle: 'labels, task, preprocessing, metrics of the training',
}

/** Files that Hugging Face exports have beside a model; a console reads them of a watched folder or on the command line. */
const ofExports =
  /^(?:config|(?:pre|post)?processor_config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$/

/** What a file most likely is, by its name; `null`: none of what an import takes. */
export function roleOfName(name: string): FileRole | null {
  const lower = name.toLowerCase()
  if (lower.endsWith('.onnx')) return 'model'
  if (lower.endsWith('.json')) return ofExports.test(lower) ? null : 'bundle'
  if (!lower.endsWith('.csv')) return null
  return /hold|test|valid|eval/.test(lower) ? 'holdout' : 'train'
}

/**
 * Gives each new file a role that is free, by its name; a file whose role is taken replaces the one that has it. A CSV that could be
 * either takes the place that is free.
 */
export function assignRoles(names: readonly string[], taken: ReadonlySet<FileRole>): { role: FileRole | null }[] {
  const given = new Set<FileRole>()
  return names.map((name) => {
    const guess = roleOfName(name)
    if (guess === null) return { role: null }
    const other = guess === 'train' ? 'holdout' : guess === 'holdout' ? 'train' : null
    const isSure = /train|hold/.test(name.toLowerCase())
    const isUsed = (role: FileRole): boolean => given.has(role) || taken.has(role)
    let role = !isSure && other !== null && isUsed(guess) && !isUsed(other) ? other : guess
    // Two files of one drop cannot be the same thing: the first keeps it.
    if (given.has(role)) role = other !== null && !given.has(other) ? other : role
    if (given.has(role)) return { role: null }
    given.add(role)
    return { role }
  })
}
