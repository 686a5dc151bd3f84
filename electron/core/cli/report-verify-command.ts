import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { reportVerification, type ReportVerification } from '../../../shared/rpc/contract/reports.ts'
import { awaitJob } from './jobs.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { numberOf } from './report-flags.ts'
import { uploadFile } from './upload.ts'

const MOST_SHOWN = 40

/** `muster report verify` */
export function addReportVerifyCommand(report: Command): void {
  report
    .command('verify')
    .description('Check who signed a report and whether it is unchanged, and compare each of its values with the store.')
    .argument('<file>', 'a file of a report in any format that this console wrote, JSON of any console, or the number of a report')
    .addHelpText('after', '\nExit code 1 if it was changed, was not signed by this console, or says something else than the store.')
    .action((file: string, _flags: unknown, command: Command) => verify(command, file))
}

function verify(command: Command, file: string): Promise<void> {
  return withConsole(command, async ({ rpc, address }) => {
    const isNumber = /^\d+$/.test(file) && !existsSync(file)
    const of = isNumber ? { report: numberOf(file) } : { upload: await uploadFile(rpc, address, file) }
    const { job } = await rpc.call('reports.verify', of)
    const found = reportVerification.parse(await awaitJob(rpc, job, 'verify'))
    if (!found.isGood) process.exitCode = 1
    return { json: found, text: () => printFound(found) }
  })
}

function printFound({ sentence, signer, keyId, dataHash, differences, differing }: ReportVerification): void {
  printLine(sentence)
  printLine(`  signed by  ${signer === 'ours' ? 'this console' : signer === 'other' ? 'another console' : 'nobody'}, key ${keyId}`)
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
