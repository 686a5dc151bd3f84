import { resolve } from 'node:path'
import type { Command } from 'commander'
import { bundleFileImported, bundleFileWritten } from '../../../shared/rpc/contract/bundle-files.ts'
import { awaitJob } from './jobs.ts'
import { referenceOf } from './model-reference.ts'
import { printLine } from './output.ts'
import { withConsole } from './program.ts'
import { uploadFile } from './upload.ts'

interface ExportFlags {
  out: string
  withHoldout?: boolean
  replace?: boolean
}

/** `muster models export`, `muster models import-file` */
export function addBundleFileCommands(models: Command): void {
  models
    .command('export <name@version>')
    .description('Write a version into one signed .muster file, which another console imports under the same digest.')
    .requiredOption('--out <file>', 'the file, on the machine of the console; it ends in .muster')
    .option('--with-holdout', 'also the hold-out rows of its import, which may be personal')
    .option('--replace', 'in place of a file that is there')
    .action((reference: string, flags: ExportFlags, command: Command) => exportVersion(command, reference, flags))
  models
    .command('import-file <file>')
    .description('Import a .muster file of a console: checked against its signature, its model and its golden set.')
    .option('--signed-by <key>', 'refuse it unless this key signed it: the id that the export printed')
    .action((file: string, flags: { signedBy?: string }, command: Command) => importFile(command, file, flags))
}

function exportVersion(command: Command, reference: string, { out, withHoldout, replace }: ExportFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const asked = { ...referenceOf(reference), file: resolve(out), withHoldout: withHoldout === true, replace: replace === true }
    const { job } = await rpc.call('models.export', asked)
    const made = bundleFileWritten.parse(await awaitJob(rpc, job, `export ${reference}`))
    return {
      json: made,
      text() {
        printLine(`Exported ${made.model}@${made.version}  ${made.digest}`)
        printLine(`  file      ${made.file}, ${(made.sizeBytes / 1e6).toFixed(1)} MB${made.hasHoldout ? ', with its hold-out rows' : ''}`)
        printLine(`  signed by ${made.signedBy}`)
      },
    }
  })
}

/** Imports what another console has exported. */
export function importFile(command: Command, file: string, { signedBy }: { signedBy?: string }): Promise<void> {
  return withConsole(command, async ({ rpc, address }) => {
    const ticket = await uploadFile(rpc, address, file)
    const asked = { file: ticket, ...(signedBy === undefined ? {} : { signedBy: signedBy.replaceAll(/\s/g, '').toLowerCase() }) }
    const { job } = await rpc.call('models.importFile', asked)
    const made = bundleFileImported.parse(await awaitJob(rpc, job, `import ${file}`))
    return {
      json: made,
      text() {
        printLine(`Imported ${made.model}@${made.version}  ${made.digest}`)
        printLine(`  signed by ${made.signedBy}${made.isOwn ? ', the key of this console' : ', a key of another console'}`)
      },
    }
  })
}
