import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { evaluationRecord, type EvaluationRecord } from '../../../shared/rpc/contract/models.ts'
import { outcomeWords } from '../../../shared/inference/outcome-words.ts'
import { answerSpecs, requestSpecs } from '../../../shared/inference/request-specs.ts'
import {
  columnWords,
  postprocessingWords,
  preprocessingWords,
  validationWords,
  type PipelineWords,
} from '../../../shared/inference/words.ts'
import { awaitJob } from './jobs.ts'
import { addAliasCommands } from './alias-commands.ts'
import { addApprovalCommands } from './approval-commands.ts'
import { addBundleFileCommands, importFile } from './bundle-file-commands.ts'
import { addBenchCommands } from './bench-commands.ts'
import { withBroughtTogether, type BroughtTogether } from './bring-together.ts'
import { referenceOf } from './model-reference.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { uploadFile } from './upload.ts'
import { muster } from '../command-names.ts'

interface ImportFlags {
  as?: string
  bundle?: string
  train?: string
  holdout?: string
  target?: string
}

/** `muster models …` */
export function addModelsCommands(program: Command): void {
  const models = program.command('models').description('Models and their versions.')
  models
    .command('import <path>')
    .description(
      'Import an ONNX file with the weights beside it, a folder (model.onnx, bundle.json, train.csv, holdout.csv), an export of Hugging Face, or a .muster file.',
    )
    .option('--as <name@version>', 'model and version; else from bundle.json, the file name or the metadata')
    .option('--bundle <file>', 'bundle.json: labels, task, preprocessing, postprocessing, validation, metrics')
    .option('--train <csv>', 'training rows: schema and baseline are computed from them')
    .option('--holdout <csv>', 'hold-out rows: golden set and metrics come from them')
    .option('--target <column>', 'column of the true label or value; else `label` or `target`, else the column left over')
    .action((path: string, flags: ImportFlags, command: Command) =>
      path.toLowerCase().endsWith('.muster') ? importExported(command, path, flags) : importModel(command, path, flags),
    )
  models
    .command('list [model]')
    .description('List models and versions.')
    .action((model: string | undefined, _: unknown, command: Command) => list(command, model))
  models
    .command('show <name@version>')
    .description('Show a version: inputs, outputs, steps and rules in words, metrics, where it runs.')
    .action((reference: string, _: unknown, command: Command) => show(command, reference))
  models
    .command('evaluate <name@version>')
    .description('Run a version on hold-out rows in a child process and keep the metrics with it.')
    .option('--holdout <csv>', 'other rows than those that came with the import')
    .action((reference: string, flags: { holdout?: string }, command: Command) => evaluate(command, reference, flags.holdout))
  addBundleFileCommands(models)
  addAliasCommands(models)
  addApprovalCommands(models)
  addBenchCommands(models)
}

/** A .muster file says everything itself. */
function importExported(command: Command, path: string, flags: ImportFlags): Promise<void> {
  const [given] = Object.keys(flags)
  if (given !== undefined) throw new Problem('usage', `A .muster file says everything itself: leave --${given} out.`)
  return importFile(command, path, {})
}

function importModel(command: Command, path: string, given: ImportFlags): Promise<void> {
  return withBroughtTogether(path, (brought) => importParts(command, partsOf(path, given, brought), brought?.notes ?? []))
}

interface ImportParts {
  modelPath: string
  flags: ImportFlags
}

function partsOf(path: string, given: ImportFlags, brought: BroughtTogether | null): ImportParts {
  if (brought !== null) return { modelPath: brought.modelPath, flags: { ...brought.parts, ...given } }
  return existsSync(path) && statSync(path).isDirectory() ? folderOf(path, given) : { modelPath: path, flags: given }
}

function importParts(command: Command, { modelPath, flags }: ImportParts, notes: readonly string[]): Promise<void> {
  const reference = flags.as === undefined ? {} : referenceOf(flags.as)
  return withConsole(command, async ({ rpc, address }) => {
    const files: { model: string; bundle?: string; train?: string; holdout?: string } = { model: await uploadFile(rpc, address, modelPath) }
    for (const part of ['bundle', 'train', 'holdout'] as const) {
      const file = flags[part]
      if (file !== undefined) files[part] = await uploadFile(rpc, address, file)
    }
    const { job } = await rpc.call('models.import', {
      files,
      ...reference,
      ...(flags.target === undefined ? {} : { target: flags.target }),
    })
    const made = (await awaitJob(rpc, job, `import ${modelPath}`)) as {
      model: string
      version: string
      digest: string
      evaluation: unknown
      outcomesMissing: string | null
    }
    return {
      json: made,
      text() {
        printLine(`Imported ${made.model}@${made.version}  ${made.digest}`)
        if (made.evaluation !== null) printMetrics(evaluationRecord.parse(made.evaluation))
        if (made.outcomesMissing !== null) printLine(`  no reference of its answers: ${made.outcomesMissing}`)
        for (const note of notes) printLine(`  ${note}`)
      },
    }
  })
}

/** The parts of a bundle folder: one .onnx file, and the files with the well-known names where they are. */
function folderOf(folder: string, given: ImportFlags): { modelPath: string; flags: ImportFlags } {
  const names = readdirSync(folder)
  const models = names.filter((name) => name.toLowerCase().endsWith('.onnx'))
  if (models.length !== 1)
    throw new Problem('bundle.invalid', `${folder} holds ${models.length} .onnx files; a bundle folder holds one.`, {
      hint: 'Import one of the files by its name.',
    })
  const part = (name: string): string | undefined => (names.includes(name) ? join(folder, name) : undefined)
  const found = { bundle: part('bundle.json'), train: part('train.csv'), holdout: part('holdout.csv') }
  const flags: ImportFlags = { ...given }
  for (const key of ['bundle', 'train', 'holdout'] as const) {
    const value = given[key] ?? found[key]
    if (value !== undefined) flags[key] = value
  }
  return { modelPath: join(folder, models[0]!), flags }
}

function list(command: Command, model: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { versions } = await rpc.call('models.list', model === undefined ? {} : { model })
    return {
      json: { versions },
      text() {
        if (versions.length === 0) printLine(`No model is imported. Next: ${muster} models import FILE.onnx`)
        else {
          printTable(
            ['version', 'stage', 'aliases', 'task', 'bytes', 'metric', 'ordered on', 'active on', 'digest'],
            versions.map((one) => [
              `${one.model}@${one.version}`,
              one.stage,
              one.aliases.join(', '),
              one.task,
              one.sizeBytes,
              headline(one.metrics),
              one.devices.desired,
              one.devices.active,
              one.digest.slice(0, 12),
            ]),
          )
        }
      },
    }
  })
}

function headline(metrics: Record<string, number | null>): string | null {
  for (const name of ['accuracy', 'mae']) {
    const value = metrics[name]
    if (value !== undefined && value !== null) return `${name} ${value.toFixed(6)}`
  }
  return null
}

function show(command: Command, reference: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('models.show', referenceOf(reference))
    const tensors = (specs: readonly { name: string; datatype: string; shape: number[] }[]): string =>
      specs.map((spec) => `${spec.name} ${spec.datatype}[${spec.shape.join(', ')}]`).join('; ')
    return {
      json: shown,
      text() {
        printLine(`${shown.model}@${shown.version}  ${shown.digest}`)
        printLine(
          `  task      ${shown.task}${shown.manifest.labels.length === 0 ? '' : `, labels ${shown.manifest.labels.slice(0, 20).join(', ')}`}`,
        )
        printLine(`  inputs    ${tensors(requestSpecs(shown.manifest))}`)
        printLine(`  outputs   ${tensors(answerSpecs(shown.manifest))}`)
        printLine(
          `  ONNX      IR ${shown.manifest.onnx.irVersion}, opsets ${JSON.stringify(shown.manifest.onnx.opsets)}, operators ${shown.manifest.onnx.operators.join(' ')}`,
        )
        const { preprocessing } = shown.manifest
        printWords('columns', columnWords(preprocessing))
        printWords('before', preprocessingWords(preprocessing))
        printWords('after', postprocessingWords(shown.manifest))
        printWords('rules', validationWords(shown.manifest))
        if (shown.outcomes !== null) printLine(`  answers   ${outcomeWords(shown.outcomes)}`)
        printLine(`  signed by ${shown.keyIds.join(', ')}`)
        printLine(`  stage     ${shown.stage}`)
        if (shown.aliases.length > 0) printLine(`  aliases   ${shown.aliases.join(', ')}`)
        if (shown.lineage.parent !== null) printLine(`  follows   ${shown.lineage.parent}`)
        if (shown.note !== null) printLine(`  note      ${shown.note.text} (${shown.note.by})`)
        printLine(`  devices   ordered on ${shown.devices.desired}, active on ${shown.devices.active}`)
        const latest = shown.evaluations[0]
        if (latest === undefined) printLine('  metrics   not evaluated')
        else printMetrics(latest)
      },
    }
  })
}

/** Entries told on a terminal; `--json` has them all. */
const MOST_WORDS = 50

/** What the bundle does around the model: nothing is said where it does nothing. */
function printWords(title: string, words: readonly PipelineWords[]): void {
  for (const [i, { name, text }] of words.slice(0, MOST_WORDS).entries())
    printLine(`  ${(i === 0 ? title : '').padEnd(9)} ${name}: ${text}`)
  if (words.length > MOST_WORDS) printLine(`            and ${words.length - MOST_WORDS} more`)
}

function evaluate(command: Command, reference: string, holdout: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc, address }) => {
    const ticket = holdout === undefined ? {} : { holdout: await uploadFile(rpc, address, holdout) }
    const { job } = await rpc.call('models.evaluate', { ...referenceOf(reference), ...ticket })
    const record = evaluationRecord.parse(await awaitJob(rpc, job, `evaluate ${reference}`))
    return { json: record, text: () => printMetrics(record) }
  })
}

function printMetrics(record: EvaluationRecord): void {
  printLine(`  ${record.dataset}: ${record.rows} rows, onnxruntime ${record.runtimeVersion}`)
  for (const [name, value] of Object.entries(record.metrics)) {
    const interval =
      record.interval !== null && record.interval.metric === name
        ? `  (${record.interval.level * 100} % interval ${record.interval.low.toFixed(4)} to ${record.interval.high.toFixed(4)})`
        : ''
    printLine(`  ${name.padEnd(16)} ${value === null ? 'undefined' : value.toFixed(6)}${interval}`)
  }
}
