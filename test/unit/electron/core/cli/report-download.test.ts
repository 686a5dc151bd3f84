import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { downloadReport } from '../../../../../electron/core/cli/report-download.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../../../shared/rpc/client.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'

const of = { report: 1, format: 'html' as const }
const sha256Of = (bytes: string): string => createHash('sha256').update(bytes).digest('hex')

/** A console that hands a file out in two pieces. */
function consoleWith(change: { name?: string; sha256?: string; refusals?: Problem[] } = {}) {
  const content = 'a page of a report'
  const refusals = [...(change.refusals ?? [])]
  const asked: string[] = []
  const answers: Record<string, (input: { offset?: number }) => unknown> = {
    'reports.show': () => ({ files: [{ format: 'html' }] }),
    'reports.write': () => ({ report: 1, job: 'j' }),
    'jobs.show': () => ({ state: 'done', result: null, note: '', progress: 1, problem: null }),
    'reports.file'({ offset = 0 }) {
      const refusal = refusals.shift()
      if (refusal !== undefined) throw refusal
      const piece = content.slice(offset, offset + 10)
      return {
        ...{ name: change.name ?? 'fleet-report-1.html', bytes: content.length, sha256: change.sha256 ?? sha256Of(content) },
        ...{ piece: Buffer.from(piece).toString('base64'), next: offset + 10 < content.length ? offset + 10 : null },
      }
    },
  }
  const call = async (method: string, input: object): Promise<unknown> => {
    asked.push(method)
    return answers[method]!(input)
  }
  return { rpc: { call } as unknown as RpcClient, content, asked }
}

test('a file comes in pieces, under the name that was said, also over one that is there', async () => {
  const { rpc, content } = consoleWith()
  const file = join(temporaryDirectory(), 'report.html')
  writeFileSync(file, 'older')
  expect(await downloadReport(rpc, of, file)).toEqual({ file, bytes: content.length, sha256: sha256Of(content) })
  expect(readFileSync(file, 'utf8')).toBe(content)
})

test('one that is other than the console says leaves nothing behind', async () => {
  const { rpc } = consoleWith({ sha256: sha256Of('something else') })
  const file = join(temporaryDirectory(), 'report.html')
  await expect(downloadReport(rpc, of, file)).rejects.toThrow('The file changed while it was read.')
  expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false])
})

test('a format that is not as it was written is written anew, once', async () => {
  const damaged = new Problem('report.invalid', 'The file of report 1 as html is not the one that was written.')
  const { rpc, content, asked } = consoleWith({ refusals: [damaged] })
  const file = join(temporaryDirectory(), 'report.html')
  expect(await downloadReport(rpc, of, file)).toMatchObject({ bytes: content.length })
  expect(asked.filter((method) => method === 'reports.write')).toHaveLength(1)
  const twice = consoleWith({ refusals: [damaged, damaged] })
  await expect(downloadReport(twice.rpc, of, file)).rejects.toThrow('is not the one that was written')
  const denied = consoleWith({ refusals: [new Problem('access.denied', 'No.')] })
  await expect(downloadReport(denied.rpc, of, file)).rejects.toThrow('No.')
  expect(denied.asked).not.toContain('reports.write')
})

test('the console says what a file is called, and not where it lies; nothing is written over by its name', async () => {
  const home = temporaryDirectory()
  // Into the working directory, which is that of everybody who runs tests.
  const name = `report-${randomUUID()}.html`
  onTestFinished(() => rmSync(name, { force: true }))
  for (const hostile of [`../../${home}/${name}`, `${home}/${name}`, `..\\..\\${name}`]) {
    const { rpc } = consoleWith({ name: hostile })
    const { file } = await downloadReport(rpc, of, null)
    expect(file).toBe(name)
    await expect(downloadReport(rpc, of, null)).rejects.toThrow(`${name} is there already.`)
    rmSync(name)
  }
  expect(existsSync(join(home, name))).toBe(false)
  for (const hostile of ['..', '.bashrc', '../../.ssh', '']) {
    await expect(downloadReport(consoleWith({ name: hostile }).rpc, of, null)).rejects.toThrow('names no file')
  }
})
