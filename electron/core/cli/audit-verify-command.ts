import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { auditVerdict, type AuditVerdict } from '../../../shared/domain/audit/finding.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { verifyFile } from '../audit/verify-file.ts'
import { awaitJob } from './jobs.ts'
import { exitCodeOf, printJson, printLine, timeText } from './output.ts'
import { flagsOf, inSession } from './program.ts'

interface VerifyFlags {
  file?: string
  key?: string
}

/** `muster audit verify` */
export function addAuditVerifyCommand(audit: Command): void {
  audit
    .command('verify')
    .description('Verify the log, or an export of it without a console; exit 3 and the first bad entry if anything is wrong.')
    .option('--file <file>', 'an export (.jsonl) instead of the log of the console')
    .option('--key <key>', 'public key of the fleet (base64), or a file that holds it; default: the ones that the file names')
    .action((flags: VerifyFlags, command: Command) => verify(command, flags))
}

async function verify(command: Command, { file, key }: VerifyFlags): Promise<void> {
  if (file === undefined && key !== undefined) throw new Problem('usage', '--key belongs to --file.')
  if (file === undefined) {
    await inSession(command, async ({ rpc, json }) => {
      const { job } = await rpc.call('audit.verify', {})
      tell(auditVerdict.parse(await awaitJob(rpc, job, 'Verifying')), json)
    })
    return
  }
  const verdict = await verifyFile(file, { key: key === undefined ? null : keyOf(key), now: () => Date.now() })
  const isJson = flagsOf(command).json === true
  tell(verdict, isJson)
  if (isJson || verdict.isKeyGiven) return
  printLine(`Signed with key ${verdict.keyId}, which the file names itself. Compare it with \`muster audit status\`, or give --key.`)
}

/** Prints a verdict; a bad one ends the command with the code of its problem. */
function tell(verdict: AuditVerdict, isJson: boolean): void {
  if (isJson) printJson(verdict)
  else print(verdict)
  if (!verdict.isGood) process.exitCode = exitCodeOf('audit.not-verified')
}

function print(verdict: AuditVerdict): void {
  printLine(verdict.isGood ? `The log is good. ${verdict.sentence}` : `The log is NOT good. First bad entry: ${verdict.first?.seq}.`)
  for (const { seq, through, kind, sentence } of verdict.findings.slice(0, 20))
    printLine(`  ${seq === through ? seq : `${seq}–${through}`}  ${kind}: ${sentence}`)
  if (verdict.found > 20) printLine(`  … and ${verdict.found - 20} more`)
  printLine(`  entries      ${verdict.entries}, of these ${verdict.uncovered} after the newest checkpoint`)
  printLine(`  checkpoints  ${verdict.checkpoints}, witnesses ${verdict.witnesses}`)
  if (verdict.redacted + verdict.erased > 0)
    printLine(`  erased       ${verdict.erased} personal texts, ${verdict.redacted} whole entries; their hashes hold`)
  printLine(`  root         ${verdict.root}`)
  printLine(`  took         ${verdict.tookMs} ms, ${timeText(verdict.at)}`)
}

function keyOf(given: string): string {
  const isKey = (text: string): boolean => /^[A-Za-z0-9+/]{43}=$/.test(text)
  if (isKey(given)) return given
  try {
    const text = readFileSync(given, 'utf8').trim()
    if (isKey(text)) return text
  } catch (error) {
    throw new Problem('usage', `--key: '${given}' is no key, and no file that can be read: ${messageOf(error)}`)
  }
  throw new Problem('usage', `--key: ${given} holds no raw Ed25519 key in base64.`)
}
