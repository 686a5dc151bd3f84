import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { reportVerification, type ReportVerdict, type ReportVerification } from '../../../shared/rpc/contract/reports.ts'
import { awaitJob } from './jobs.ts'
import { exitCodeOf, printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { numberOf } from './report-flags.ts'
import { uploadFile } from './upload.ts'

const MOST_SHOWN = 40

/** The exit code of each verdict is that of a problem; a good report is none. */
const verdictCodes: Record<ReportVerdict, string | null> = {
  good: null,
  outdated: 'report.outdated',
  differs: 'report.differs',
  'other-console': 'report.not-as-signed',
  changed: 'report.not-as-signed',
}

const verifyHelp = `
Exit codes:
  0  as this console signed it, and every value is that of the store
  8  as signed; what differs is explained: records came later, or are kept no longer
  5  as signed, and nothing that is known explains what differs: the store may have been changed
  3  changed after it was signed, or signed by another console
  1  it could not be looked at`

/** `muster report verify` */
export function addReportVerifyCommand(report: Command): void {
  report
    .command('verify')
    .description('Check who signed a report and whether it is unchanged, and compare each of its values with the store.')
    .argument('<file>', 'a file of a report in any format that this console wrote, JSON of any console, or the number of a report')
    .addHelpText('after', verifyHelp)
    .action((file: string, _flags: unknown, command: Command) => verify(command, file))
}

function verify(command: Command, file: string): Promise<void> {
  return withConsole(command, async ({ rpc, address }) => {
    const isNumber = /^\d+$/.test(file) && !existsSync(file)
    const of = isNumber ? { report: numberOf(file) } : { upload: await uploadFile(rpc, address, file, 'reports.beginUpload') }
    const { job } = await rpc.call('reports.verify', of)
    const found = reportVerification.parse(await awaitJob(rpc, job, 'verify'))
    const code = verdictCodes[found.verdict]
    if (code !== null) process.exitCode = exitCodeOf(code)
    return { json: found, text: () => printFound(found) }
  })
}

function signerOf({ signer, isCurrentKey }: ReportVerification): string {
  if (signer === 'ours') return isCurrentKey ? 'this console' : 'this console, with a key of before'
  return signer === 'other' ? 'another console' : 'nobody'
}

function printFound(found: ReportVerification): void {
  const { sentence, format, keyId, dataHash, differences, differing } = found
  printLine(sentence)
  printLine(`  read as    ${format}`)
  printLine(`  signed by  ${signerOf(found)}, key ${keyId}`)
  printLine(`  data hash  ${dataHash}`)
  if (differences.length === 0) return
  printTable(
    ['value', 'report', 'store'],
    differences
      .slice(0, MOST_SHOWN)
      .map((one) => [one.place, one.wasReported ? one.reported : 'not there', one.isThereNow ? one.now : 'not there']),
  )
  if (differing > MOST_SHOWN) printLine(`… and ${differing - MOST_SHOWN} more; --json lists up to 200`)
}
