import { createWriteStream, type WriteStream } from 'node:fs'
import { once } from 'node:events'
import type { Command } from 'commander'
import { csvColumns, csvOfEntries, type AuditFilterInput, type ExportEntry, type ExportHead } from '../../../shared/domain/audit/export.ts'
import { csvText } from '../../../shared/domain/csv.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { filterOf, withFilterFlags, type FilterFlags } from './audit-flags.ts'
import { printLine } from './output.ts'
import { withConsole } from './program.ts'

const formats = ['jsonl', 'csv'] as const
type Format = (typeof formats)[number]
const PAGE = 500

interface ExportFlags extends FilterFlags {
  output: string
  format?: string
}

/** `muster audit export` */
export function addAuditExportCommand(audit: Command): void {
  withFilterFlags(
    audit
      .command('export')
      .description(
        'Write entries to a file with a signed checkpoint and proofs: JSON Lines for `muster audit verify --file`, CSV for reading.',
      ),
  )
    .requiredOption('-o, --output <file>', 'the file to write')
    .option('--format <format>', `${formats.join(' or ')}; default: by the end of the name, else jsonl`)
    .action((flags: ExportFlags, command: Command) => exportLog(command, flags))
}

function formatOf({ format, output }: ExportFlags): Format {
  const wanted = format ?? (output.toLowerCase().endsWith('.csv') ? 'csv' : 'jsonl')
  const found = formats.find((one) => one === wanted)
  if (found === undefined) throw new Problem('usage', `--format: '${wanted}' is none of ${formats.join(', ')}.`)
  return found
}

function exportLog(command: Command, flags: ExportFlags): Promise<void> {
  const filter = filterOf(flags)
  const format = formatOf(flags)
  return withConsole(command, async ({ rpc }) => {
    const head = await begin(rpc, filter)
    const entries = await write(flags.output, format, { rpc, head, filter })
    return {
      json: { file: flags.output, format, entries, size: head.size },
      text() {
        printLine(`${entries} entries were written to ${flags.output}, proven against the checkpoint over ${head.size} entries.`)
        if (format === 'jsonl')
          printLine(`To verify it anywhere: muster audit verify --file ${flags.output} --key ${head.keys[0] ?? 'KEY'}`)
      },
    }
  })
}

/** A checkpoint over everything until now; whoever may not sign one gets an export up to the last. */
async function begin(rpc: RpcClient, filter: AuditFilterInput): Promise<ExportHead> {
  try {
    await rpc.call('audit.checkpoint', {})
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'access.denied') throw error
  }
  return (await rpc.call('audit.exportHead', { filter })).head
}

async function write(
  file: string,
  format: Format,
  { rpc, head, filter }: { rpc: RpcClient; head: ExportHead; filter: AuditFilterInput },
): Promise<number> {
  const stream = createWriteStream(file, { mode: 0o600 })
  let entries = 0
  try {
    await once(stream, 'open')
    await put(stream, format === 'csv' ? csvText(csvColumns, []) : `${JSON.stringify(head)}\n`)
    for (let after: number | null = 0; after !== null;) {
      const page: { entries: ExportEntry[]; next: number | null } = await rpc.call('audit.exportPage', {
        filter,
        size: head.size,
        after,
        limit: PAGE,
      })
      entries += page.entries.length
      await put(stream, format === 'csv' ? csvOfEntries(page.entries) : page.entries.map((one) => `${JSON.stringify(one)}\n`).join(''))
      after = page.next
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2KExporting: entry ${after ?? head.size} of ${head.size}`)
    }
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K')
    if (format === 'jsonl') await put(stream, `${JSON.stringify({ kind: 'end', entries })}\n`)
    stream.end()
    await once(stream, 'finish')
    return entries
  } catch (error) {
    stream.destroy()
    if (error instanceof Problem) throw error
    throw new Problem('usage', `${file} cannot be written: ${messageOf(error)}`, { cause: error })
  }
}

/** What the disk does not take at once is waited for: an export may be larger than the memory. */
async function put(stream: WriteStream, text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain')
}
