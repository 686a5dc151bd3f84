import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { markMasks, maskWords, type MarkMask } from '../../../shared/domain/privacy/mark.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { subjectArchive } from '../../../shared/domain/privacy/subject-archive.ts'
import { reportKinds, reportText, type ReportKind } from '../../../shared/domain/privacy/report.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { ErasureShown } from '../../../shared/rpc/contract/privacy.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole, type Session } from './program.ts'

/** `muster privacy` */
export function addPrivacyCommands(program: Command): void {
  const privacy = program.command('privacy').description('Personal data: fields that are marked, people who are erased, what is kept.')
  privacy
    .command('fields', { isDefault: true })
    .description('Fields that are marked, and what leaves devices of them.')
    .action((_: unknown, command: Command) => fields(command))
  addMarkCommands(privacy)
  privacy
    .command('subject <subject>')
    .description('How much is stored about somebody, and the hash that stands for them. The name itself is not kept.')
    .action((subject: string, _: unknown, command: Command) => find(command, subject))
  addErasureCommands(privacy)
  addPaperCommands(privacy)
}

function addMarkCommands(privacy: Command): void {
  privacy
    .command('mark <field>')
    .description('Mark a feature, input or output: from then on nothing of it leaves a device.')
    .option('--subject', 'the field says whom a row is about')
    .option('--mask <mask>', `what leaves a device of it all the same: ${markMasks.join(', ')}`, 'drop')
    .option('--reason <text>', 'why, if anything of it leaves a device')
    .action((field: string, flags: { subject?: boolean; mask: string; reason?: string }, command: Command) => mark(command, field, flags))
  privacy
    .command('unmark <field>')
    .description('Take a mark back: the field leaves devices again as the configuration says.')
    .requiredOption('--reason <text>', 'why')
    .action((field: string, { reason }: { reason: string }, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const done = await rpc.call('privacy.unmark', { field, reason })
        return { json: done, text: () => printLine(`${field} is not marked any more; ${done.devices} devices are told.`) }
      }),
    )
}

function addErasureCommands(privacy: Command): void {
  privacy
    .command('erase <subject>')
    .description('Take out everything about somebody: stores, backups, and what waits on devices. It cannot be undone.')
    .requiredOption('--reason <text>', 'why; do not name the person in it')
    .option('--yes', 'do not only say what would be taken out')
    .addHelpText('after', '\nWithout --yes it says what is there and changes nothing. Devices that are away do it when they come back.')
    .action((subject: string, flags: { reason: string; yes?: boolean }, command: Command) => erase(command, subject, flags))
  privacy
    .command('pending')
    .description('People who were erased, and what is not done yet.')
    .action((_: unknown, command: Command) => pending(command))
  privacy
    .command('retry')
    .description('Try again what could not be taken out.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const { left } = await rpc.call('privacy.retry', {})
        return { json: { left }, text: () => printLine(left === 0 ? 'Nothing is left to do.' : `${left} are tried again.`) }
      }),
    )
}

function addPaperCommands(privacy: Command): void {
  privacy
    .command('export <subject>')
    .description('Write everything about somebody to a ZIP file with JSON and CSV, for the person or an authority.')
    .requiredOption('-o, --output <file>', 'the file to write')
    .requiredOption('--reason <text>', 'who asked for it; it is kept in the audit log')
    .action((subject: string, flags: { output: string; reason: string }, command: Command) => exportData(command, subject, flags))
  privacy
    .command('record')
    .description('The record of processing: what is kept where, for how long, on which ground.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const record = await rpc.call('privacy.record', {})
        const rows = record.rows.map((row) => [row.what, row.place, row.isPersonal, row.kept, row.rows])
        return { json: record, text: () => printTable(['what', 'where', 'personal', 'kept', 'rows'], rows) }
      }),
    )
  privacy
    .command('report <kind>')
    .description(`A report with the figures of this console: ${reportKinds.join(', ')}.`)
    .option('-o, --output <file>', 'write it there, as HTML if it ends so; else Markdown is printed')
    .action((kind: string, flags: { output?: string }, command: Command) => report(command, kind, flags))
}

function fields(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { fields: marked, samplesOn } = await rpc.call('privacy.show', {})
    return {
      json: { fields: marked, samplesOn },
      text() {
        if (marked.length === 0) printLine('No field is marked. Mark one: muster privacy mark FIELD')
        else
          printTable(
            ['field', 'is', 'leaves devices', 'models', 'by', 'why'],
            marked.map((one) => [
              one.field,
              one.kind,
              one.mask === 'drop' ? 'never' : one.mask,
              one.models.join(', '),
              one.setBy,
              one.reason,
            ]),
          )
        printLine(samplesOn ? 'Some devices are asked to send samples.' : 'No device is asked to send samples.')
      },
    }
  })
}

function mark(command: Command, field: string, flags: { subject?: boolean; mask: string; reason?: string }): Promise<void> {
  const mask = markMasks.find((one) => one === flags.mask)
  if (mask === undefined) throw new Problem('usage', `--mask: '${flags.mask}' is none of ${markMasks.join(', ')}.`)
  const kind = flags.subject === true ? 'subject' : 'personal'
  return withConsole(command, async ({ rpc }) => {
    const done = await rpc.call('privacy.mark', { field, kind, mask, ...(flags.reason === undefined ? {} : { reason: flags.reason }) })
    return { json: done, text: () => printLine(markedWords(field, mask, done.devices)) }
  })
}

function markedWords(field: string, mask: MarkMask, devices: number): string {
  return `${field} is marked: ${maskWords[mask]}. ${devices} ${devices === 1 ? 'device is' : 'devices are'} told.`
}

function find(command: Command, subject: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const found = await rpc.call('privacy.find', { subject })
    return { json: found, text: () => printFound(found) }
  })
}

function printFound({ subject, samples, labels, isErased }: OutputOf<'privacy.find'>): void {
  printLine(
    `${subject}: ${samples} samples and ${labels} labels are stored.${isErased ? ' It was erased; nothing of it is taken in.' : ''}`,
  )
}

function erase(command: Command, subject: string, flags: { reason: string; yes?: boolean }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const found = await rpc.call('privacy.find', { subject })
    if (flags.yes !== true)
      return {
        json: { ...found, isDone: false },
        text() {
          printFound(found)
          printLine('Nothing was changed. To take it out of stores, backups and devices, for ever: add --yes')
        },
      }
    const { devices } = await rpc.call('privacy.erase', { subject: found.subject, reason: flags.reason })
    return {
      json: { ...found, isDone: true, devices },
      text: () => printLine(`${found.subject} is being erased; ${devices} devices are to confirm. How far it is: muster privacy pending`),
    }
  })
}

function pending(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { erasures } = await rpc.call('privacy.show', {})
    return {
      json: { erasures },
      text() {
        if (erasures.length === 0) printLine('Nobody was erased.')
        else printTable(['subject', 'asked', 'console', 'devices', 'waits for'], erasures.map(erasureRow))
      },
    }
  })
}

function erasureRow({ subject, at, doneAt, problem, confirmed, pending: waiting }: ErasureShown): (string | number)[] {
  const state = doneAt === null ? (problem ?? 'working') : `clean ${timeText(doneAt)}`
  const names = waiting.slice(0, 5).map(({ device, isOnline, isOld }) => `${device}${isOld ? ' (old agent)' : isOnline ? '' : ' (away)'}`)
  const more = waiting.length > names.length ? ` and ${waiting.length - names.length} more` : ''
  return [
    subject,
    timeText(at),
    state,
    `${confirmed} of ${confirmed + waiting.length}`,
    waiting.length === 0 ? '–' : `${names.join(', ')}${more}`,
  ]
}

function exportData(command: Command, subject: string, flags: { output: string; reason: string }): Promise<void> {
  return withConsole(command, async ({ rpc }: Session) => {
    const { subject: ref } = await rpc.call('privacy.find', { subject })
    await rpc.call('privacy.export', { subject: ref, reason: flags.reason })
    const data = await rpc.call('privacy.data', { subject: ref })
    write(flags.output, subjectArchive(data))
    const counts = { samples: data.samples.length, labels: data.labels.length, isWhole: data.isWhole }
    return {
      json: { file: flags.output, subject: ref, ...counts },
      text: () =>
        printLine(
          `${counts.samples} samples and ${counts.labels} labels were written to ${flags.output}${data.isWhole ? '' : '; there is more than one file holds'}.`,
        ),
    }
  })
}

function report(command: Command, kind: string, { output }: { output?: string }): Promise<void> {
  const wanted = reportKinds.find((one): one is ReportKind => one === kind)
  if (wanted === undefined) throw new Problem('usage', `'${kind}' is none of ${reportKinds.join(', ')}.`)
  return withConsole(command, async ({ rpc }) => {
    const record = await rpc.call('privacy.record', {})
    const text = reportText(wanted, record, output !== undefined && /\.html?$/i.test(output) ? 'html' : 'markdown')
    if (output !== undefined) write(output, text)
    return {
      json: output === undefined ? { kind: wanted, text } : { kind: wanted, file: output },
      text() {
        if (output !== undefined) printLine(`The report was written to ${output}.`)
        // Line by line: each of them is shown as harmless text.
        else for (const line of text.trimEnd().split('\n')) printLine(line)
      },
    }
  })
}

/** What is written may be about people: for its owner only. */
function write(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content, { mode: 0o600 })
  } catch (error) {
    throw new Problem('input.invalid', `${file} cannot be written: ${messageOf(error)}`, { cause: error })
  }
}
