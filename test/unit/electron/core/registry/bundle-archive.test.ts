import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { headerOf, paddingAfter, type MemberName } from '../../../../../electron/core/registry/bundle-archive/format.ts'
import { openArchive, readMember } from '../../../../../electron/core/registry/bundle-archive/read-archive.ts'
import { archivePlace, writeArchive, type ArchiveMember } from '../../../../../electron/core/registry/bundle-archive/write-archive.ts'
import { verifySignatures } from '../../../../../electron/core/trust/keys.ts'
import { artifactsOf, type Manifest } from '../../../../../shared/domain/bundle.ts'
import { payloadTypes } from '../../../../../shared/protocol/envelope.ts'
import { openWorkshop, quiet, sample, sampleImport } from './workshop.ts'

type Workshop = ReturnType<typeof openWorkshop>
let there: Workshop
let here: Workshop
let digest: string
// The console that exports imports once; each test has one of its own that imports.
beforeAll(async () => {
  there = openWorkshop()
  digest = (await there.registry.import(sampleImport('wine', 'wine-1.0.0.onnx'))).digest
}, 90_000)
afterAll(() => there.close())
beforeEach(() => {
  here = openWorkshop()
})
afterEach(() => here.close())

/** Work that nobody cancels or watches. */
const calmly = () => ({ signal: new AbortController().signal, progress: () => undefined })
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const memberOf = { model: 'model.onnx', baseline: 'baseline.json', golden: 'golden.json' } as const

/** Members of a version as an export takes them. */
function membersOf(workshop: Workshop, digest: string, manifest: Manifest): ArchiveMember[] {
  const member = (name: MemberName, hash: string): ArchiveMember => {
    const path = join(workshop.artifactDirectory, hash)
    return { name, path, sizeBytes: statSync(path).size, sha256: hash }
  }
  return [member('manifest.json', digest), ...artifactsOf(manifest).map(({ role, entry }) => member(memberOf[role], entry.sha256))]
}

/** Exports wine 1.0.0 of the other console. @param change what a forger who has a key of his own would write instead */
async function exported(change: (members: ArchiveMember[]) => ArchiveMember[] = (members) => members, holdoutName: string | null = null) {
  const { manifest } = there.registry.version('wine', '1.0.0')
  const members = change(membersOf(there, digest, manifest))
  const facts = {
    fleet: 'f-other',
    exportedAt: 1_700_000_000_000,
    model: manifest.model,
    version: manifest.version,
    digest: manifest.artifacts.model.sha256,
  }
  const content = {
    ...facts,
    digest: members[0]!.sha256 as typeof facts.digest,
    holdoutName,
    members,
    file: there.write('wine.muster', ''),
  }
  return { manifest, ...(await writeArchive(content, there.keyring, calmly())) }
}

const importing = (path: string, holdoutName: string | null = null) =>
  here.registry.importArchive({ path, fileName: 'wine.muster', holdoutName, ...quiet() })

/** A file that takes the place of a member: its hash in the index is right, so only its content is not. */
function forged(name: MemberName, content: (bytes: Buffer) => string | Uint8Array) {
  return (members: ArchiveMember[]): ArchiveMember[] =>
    members.map((member) => {
      if (member.name !== name) return member
      const path = there.write(`forged-${name}`, content(readFileSync(member.path)))
      return { name, path, sizeBytes: statSync(path).size, sha256: sha256(readFileSync(path)) }
    })
}

// Each import loads the model in a process of its own, on a machine that may have other work.
describe('an exported version', { timeout: 90_000 }, () => {
  test('is imported elsewhere under the same digest, with every artifact, signed by the key of that fleet', async () => {
    const { file, manifest, signedBy } = await exported()
    const made = await importing(file)
    expect(made).toMatchObject({ model: 'wine', version: '1.0.0', digest, evaluation: null })
    expect(here.registry.version('wine', '1.0.0').manifest).toEqual(manifest)
    expect(here.artifacts()).toEqual([digest, ...artifactsOf(manifest).map(({ entry }) => entry.sha256)].sort())
    const { signatures } = here.registry.reference(digest)
    expect(verifySignatures(payloadTypes.bundle, here.artifact(digest), signatures, here.keyring.roots().bundle)).toBe(true)
    expect(verifySignatures(payloadTypes.bundle, here.artifact(digest), signatures, there.keyring.roots().bundle)).toBe(false)
    expect(openArchive(file).signer).toEqual({ keyId: signedBy, publicKey: there.keyring.onlinePublic('assignment').publicKey })
    expect(here.registry.travelOf(digest)!.size).toBeGreaterThan(0)
    expect((await importing(file)).digest).toBe(digest)
  })

  test('is a tar archive like any other, and the same version makes the same members', async () => {
    const { file } = await exported()
    const listed = execFileSync('tar', ['--list', '--file', file], { encoding: 'utf8' }).trim().split('\n')
    expect(listed).toEqual(['index.json', 'manifest.json', 'model.onnx', 'baseline.json', 'golden.json'])
    const folder = join(there.directory, 'unpacked')
    mkdirSync(folder)
    execFileSync('tar', ['--extract', '--file', file, '--directory', folder])
    expect(sha256(readFileSync(join(folder, 'manifest.json')))).toBe(digest)
    expect(readMember(openArchive(file), 'golden.json')).toEqual(readFileSync(join(folder, 'golden.json')))
  })

  test('brings its evaluation where the hold-out rows come along', async () => {
    const holdout = (members: ArchiveMember[]): ArchiveMember[] => {
      const { holdout: rows } = there.registry.version('wine', '1.0.0')
      const path = join(there.artifactDirectory, rows!.sha256)
      return [...members, { name: 'holdout.csv', path, sizeBytes: statSync(path).size, sha256: rows!.sha256 }]
    }
    const { file } = await exported(holdout, 'rows.csv')
    const { evaluation } = await importing(file, 'rows.csv')
    expect(evaluation!.metrics).toEqual(there.registry.version('wine', '1.0.0').evaluations[0]!.metrics)
    expect(here.registry.version('wine', '1.0.0').holdout!.name).toBe('rows.csv')
  })
})

describe('a file that no console would have written', { timeout: 90_000 }, () => {
  test.each([
    [
      'one byte of its model changed',
      (bytes: Buffer) => flip(bytes, bytes.indexOf('model.onnx', 600) + 512 + 40),
      'is not the file that was signed',
    ],
    ['its index changed', (bytes: Buffer) => flip(bytes, 512 + 200), ''],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1), 'does not end where'],
    ['cut off in a member', (bytes: Buffer) => bytes.subarray(0, 4096), ''],
    ['something behind its end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(512)]), 'does not end where'],
    ['a name that climbs out', (bytes: Buffer) => renamed(bytes, '../../evil'), 'no file that a Muster console has exported'],
    ['a link in place of a file', (bytes: Buffer) => typed(bytes), 'no file that a Muster console has exported'],
    ['no archive at all', () => Buffer.from('PK\u0003\u0004 something else'), 'cut off'],
    ['a size beyond every bound', () => Buffer.concat([headerOf('index.json', 512 * 1024), Buffer.alloc(4096)]), 'at most'],
  ] as const)('is refused: %s', async (_, change, why) => {
    const { file } = await exported()
    const changed = here.write('changed.muster', change(readFileSync(file)))
    await expect(importing(changed)).rejects.toMatchObject({ code: 'bundle.file-invalid', message: expect.stringContaining(why) })
    expect([here.artifacts(), here.rows()]).toEqual([[], [0, 0, 0]])
  })

  test('is refused where its manifest, signed by whom ever, does not tell what is in it', async () => {
    const otherBlocks = (bytes: Buffer): string => {
      const manifest = JSON.parse(bytes.toString()) as { artifacts: { model: object } }
      Object.assign(manifest.artifacts.model, { encoding: 'identity', blocks: [[1, '0'.repeat(64)]] })
      return JSON.stringify(manifest)
    }
    const { file } = await exported(forged('manifest.json', otherBlocks))
    await expect(importing(file)).rejects.toMatchObject({
      code: 'bundle.file-invalid',
      message: expect.stringContaining('describes model.onnx otherwise'),
    })
    expect([here.artifacts(), here.rows()]).toEqual([[], [0, 0, 0]])
  })

  test('is not written with a golden set that no console would read', async () => {
    const large = forged('golden.json', () => `[${'1,'.repeat(5 * 1024 * 1024)}1]`)
    await expect(exported(large)).rejects.toMatchObject({
      code: 'bundle.file-invalid',
      message: expect.stringContaining('golden.json of this version has'),
    })
  })

  test('is refused where the model does not answer as its golden set says', async () => {
    const otherAnswers = (bytes: Buffer): string => {
      const golden = JSON.parse(bytes.toString()) as { cases: { outputs: { datatype: string; data: number[] }[] }[] }
      for (const { outputs } of golden.cases)
        for (const output of outputs) if (output.datatype === 'FP32') output.data = output.data.map((value) => 1 - value)
      return JSON.stringify(golden)
    }
    // The forger makes the manifest fit his golden set, too.
    const { file } = await exported((members) => {
      const [golden] = forged('golden.json', otherAnswers)(members).filter(({ name }) => name === 'golden.json')
      const manifest = forged('manifest.json', (bytes) => {
        const said = JSON.parse(bytes.toString()) as { artifacts: { golden: object } }
        const block = [golden!.sizeBytes, golden!.sha256]
        Object.assign(said.artifacts.golden, { sha256: golden!.sha256, sizeBytes: golden!.sizeBytes, blocks: [block] })
        return JSON.stringify(said)
      })(members)[0]!
      return [manifest, ...members.slice(1, -1), golden!]
    })
    await expect(importing(file)).rejects.toMatchObject({
      code: 'bundle.file-invalid',
      message: expect.stringContaining('golden set says: case 0'),
    })
    expect([here.artifacts(), here.rows()]).toEqual([[], [0, 0, 0]])
  })

  test('does not take the place of a version that is here with other content', async () => {
    const { file } = await exported()
    await here.registry.import({ modelPath: sample('wine', 'wine-1.0.0.onnx'), modelFileName: 'wine-1.0.0.onnx', ...quiet() })
    const before = here.artifacts()
    await expect(importing(file)).rejects.toMatchObject({ code: 'model.exists' })
    expect(here.artifacts()).toEqual(before)
  })
})

describe('the place of an export', () => {
  const place = (file: string, replace = false): string => archivePlace(file, { dataDirectory: there.artifactDirectory, replace })

  test('is a .muster file in a folder that exists, outside of the data of the console', () => {
    const file = join(there.directory, 'wine.muster')
    expect(place(file)).toBe(file)
    for (const refused of [
      'wine.muster',
      join(there.directory, 'wine.onnx'),
      join(there.directory, 'no/wine.muster'),
      join(there.artifactDirectory, 'a.muster'),
    ])
      expect(() => place(refused)).toThrow(expect.objectContaining({ code: 'bundle.file-place' }))
  })

  test('is not taken from a file that is there, unless somebody says so; never from a folder', () => {
    const file = there.write('wine.muster', 'mine')
    expect(() => place(file)).toThrow(expect.objectContaining({ code: 'bundle.file-exists' }))
    expect(place(file, true)).toBe(file)
    mkdirSync(join(there.directory, 'folder.muster'))
    expect(() => place(join(there.directory, 'folder.muster'), true)).toThrow(expect.objectContaining({ code: 'bundle.file-exists' }))
  })

  test('holds the old file or the whole new one: an export that is cancelled leaves nothing behind', async () => {
    const { manifest } = await exported()
    const folder = join(there.directory, 'out')
    mkdirSync(folder)
    writeFileSync(join(folder, 'wine.muster'), 'the old one')
    const abort = new AbortController()
    const content = {
      ...{ fleet: 'f', exportedAt: 1, model: manifest.model, version: manifest.version, holdoutName: null },
      ...{ digest: digest as never, members: membersOf(there, digest, manifest), file: join(folder, 'wine.muster') },
    }
    const writing = writeArchive(content, there.keyring, { signal: abort.signal, progress: () => abort.abort() })
    await expect(writing).rejects.toMatchObject({ code: 'cancelled' })
    expect([readdirSync(folder), readFileSync(join(folder, 'wine.muster'), 'utf8')]).toEqual([['wine.muster'], 'the old one'])
    expect(existsSync(join(folder, 'wine.muster'))).toBe(true)
  })
})

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = copy[at]! ^ 1
  return copy
}

/** Place of the header of the second member. */
function secondHeader(bytes: Buffer): number {
  const size = Number.parseInt(bytes.toString('latin1', 124, 135), 8)
  return 512 + size + paddingAfter(size)
}

function renamed(bytes: Buffer, name: string): Buffer {
  const copy = Buffer.from(bytes)
  const at = secondHeader(bytes)
  headerOf(name, Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8)).copy(copy, at)
  return copy
}

function typed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy.write('2', secondHeader(bytes) + 156, 'latin1')
  return copy
}
