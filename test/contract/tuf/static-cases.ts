import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openMetadataFiles } from '../../../agent/trust/metadata-files.ts'
import { openTufClient } from '../../../agent/trust/tuf-client.ts'
import { temporaryDirectory } from '../../harness/fleet.ts'
import { hashOf } from '../../harness/tuf-simulator.ts'

// Repositories that other code than ours and that of the client wrote: see test/fixtures/tuf.

const fixtures = 'test/fixtures/tuf'
const repositories = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

interface Described {
  target: string
  content: string
  now: string
  root: number
}

function opened(name: string, changed: (file: string, bytes: Buffer) => Buffer = (_, bytes) => bytes) {
  const folder = join(fixtures, name)
  const described = JSON.parse(readFileSync(join(folder, 'repository.json'), 'utf8')) as Described
  const files = openMetadataFiles(join(temporaryDirectory(), 'trust'))
  files.write('root', readFileSync(join(folder, 'initial_root.json')))
  const client = openTufClient({
    files,
    now: () => Date.parse(described.now),
    source: {
      fetch(file) {
        const path = join(folder, 'metadata', file)
        return Promise.resolve(existsSync(path) ? changed(file, readFileSync(path)) : null)
      },
    },
  })
  return { client, files, described }
}

test.each(repositories)('static_repository: %s', async (name) => {
  const { client, files, described } = opened(name)
  await client.refresh()
  const target = await client.target(described.target)
  const content = Buffer.from(described.content)
  expect(target).toMatchObject({ path: described.target, sizeBytes: content.length })
  for (const [algorithm, hash] of Object.entries(target!.hashes)) expect(hash).toBe(hashOf(algorithm, content))
  expect(Object.keys(target!.hashes)).toContain('sha256')
  const root = JSON.parse(files.read('root')!.toString()) as { signed: { version: number } }
  expect(root.signed.version).toBe(described.root)
})

test.each(repositories)('static_repository: %s, with one digit of a signature changed', async (name) => {
  for (const role of ['timestamp', 'snapshot', 'targets']) {
    const { client } = opened(name, (file, bytes) =>
      file.endsWith(`${role}.json`)
        ? Buffer.from(bytes.toString().replaceAll(/("sig": "[0-9a-f]{80})(.)/g, (_, head, digit) => `${head}${digit === '0' ? '1' : '0'}`))
        : bytes,
    )
    await expect(client.refresh()).rejects.toMatchObject({ code: 'trust.metadata-invalid' })
  }
})
