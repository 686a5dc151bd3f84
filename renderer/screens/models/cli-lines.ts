import { shellWord } from '../../components/copy.tsx'

function muster(...words: string[]): string {
  return ['npm run -s muster --', ...words.map(shellWord)].join(' ')
}

/** What the pages of models are on the command line. */
export const cliLines = {
  list: (model?: string) => muster('models', 'list', ...(model === undefined ? [] : [model])),
  show: (model: string, version: string) => muster('models', 'show', `${model}@${version}`),
  gates: (model: string, version: string) => muster('models', 'gates', `${model}@${version}`),
  evaluate: (model: string, version: string, holdout?: string) =>
    muster('models', 'evaluate', `${model}@${version}`, ...(holdout === undefined ? [] : ['--holdout', holdout])),
  compare: (left: { model: string; version: string }, right: { model: string; version: string }) =>
    muster('models', 'compare', `${left.model}@${left.version}`, `${right.model}@${right.version}`),
  try: (model: string, version: string, values: readonly string[] | null) =>
    muster('models', 'try', `${model}@${version}`, ...(values === null ? ['--examples', '1'] : ['--row', values.join(',')])),
  setAlias: (model: string, version: string, alias: string) => muster('models', 'alias', 'set', `${model}@${version}`, alias),
  aliases: (model: string) => muster('models', 'alias', 'list', model),
  import: (
    files: Partial<Record<'model' | 'train' | 'holdout' | 'bundle', string>>,
    choice: { reference: string | null; target: string | null },
  ) =>
    muster(
      'models',
      'import',
      files.model ?? 'FILE.onnx',
      ...(['bundle', 'train', 'holdout'] as const).flatMap((part) => (files[part] === undefined ? [] : [`--${part}`, files[part]])),
      ...(choice.reference === null ? [] : ['--as', choice.reference]),
      ...(choice.target === null ? [] : ['--target', choice.target]),
    ),
  export: (model: string, version: string, { file, withHoldout }: { file: string; withHoldout: boolean }) =>
    muster(
      ...['models', 'export', `${model}@${version}`, '--out', file === '' ? 'FILE.muster' : file],
      ...(withHoldout ? ['--with-holdout'] : []),
    ),
  origin: (model: string, version: string) => muster('mlflow', 'origin', `${model}@${version}`),
  importFile: (file: string | null, signedBy: string | null) =>
    muster('models', 'import-file', file ?? 'FILE.muster', ...(signedBy === null ? [] : ['--signed-by', signedBy])),
} as const
