import { randomBytes } from 'node:crypto'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { forwardUpload } from '../../../../electron/main/forward-upload.ts'
import { serve } from '../../../../electron/core/serve/serve.ts'
import { openUploads, type Uploads } from '../../../../electron/core/serve/uploads.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { accessWithout } from '../../../harness/people-desk.ts'

let uploads: Uploads
let core: { url: string; uploadKey: string }

beforeEach(async () => {
  uploads = openUploads(join(temporaryDirectory(), 'uploads'), () => 0)
  const served = await serve({
    ...{ host: '127.0.0.1', port: 0, access: accessWithout('right'), uploads },
    dispatch: () => Promise.reject(new Error('no calls here')),
    log: () => undefined,
  })
  onTestFinished(() => served.stop())
  core = { url: served.url, uploadKey: 'right' }
})

/** A body as `protocol.handle` hands it over. */
function bodyOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Response(Uint8Array.from(bytes)).body!
}

test('bytes of the page arrive whole at the real server of the core, which knows neither Electron nor the page', async () => {
  const bytes = randomBytes(3_000_000)
  const { ticket } = uploads.begin('digits.onnx', bytes.length)
  expect(await forwardUpload(core, ticket, bodyOf(bytes))).toEqual({ status: 201, body: '{"ok":true}' })
  expect(readFileSync(uploads.take(ticket).path).equals(bytes)).toBe(true)
})

test('a file goes as a stream', async () => {
  const path = join(temporaryDirectory(), 'file')
  writeFileSync(path, 'weights')
  const { ticket } = uploads.begin('file', 7)
  expect((await forwardUpload(core, ticket, createReadStream(path))).status).toBe(201)
})

test('an empty file is a file', async () => {
  const { ticket } = uploads.begin('empty.csv', 0)
  expect((await forwardUpload(core, ticket, null)).status).toBe(201)
})

test('what the core refuses is told as the core says it', async () => {
  const { ticket } = uploads.begin('short', 3)
  expect(await forwardUpload(core, ticket, bodyOf(Buffer.from('four')))).toMatchObject({
    status: 413,
    body: expect.stringContaining('input.too-large'),
  })
  expect(await forwardUpload(core, 'x'.repeat(32), bodyOf(Buffer.from('four')))).toMatchObject({
    status: 400,
    body: expect.stringContaining('input.invalid'),
  })
  expect(await forwardUpload({ ...core, uploadKey: 'wrong' }, ticket, bodyOf(Buffer.from('abc')))).toMatchObject({
    status: 403,
    body: expect.stringContaining('access.denied'),
  })
})

test('a refusal comes through although megabytes are still on their way', async () => {
  const { ticket } = uploads.begin('huge', 10)
  const answer = await forwardUpload(core, ticket, Readable.from(Array.from({ length: 400 }, () => Buffer.alloc(65_536))))
  expect(answer).toMatchObject({ status: 413, body: expect.stringContaining('input.too-large') })
})

test('a page that goes away in the middle, or a core that is gone, ends it with an error and nothing stored', async () => {
  const { ticket } = uploads.begin('broken', 1000)
  const broken = new Readable({
    read() {
      this.push(Buffer.alloc(10))
      this.destroy(new Error('the page is gone'))
    },
  })
  expect(await forwardUpload(core, ticket, broken)).toMatchObject({ status: 502, body: expect.stringContaining('console.unreachable') })
  expect(() => uploads.take(ticket)).toThrow()
  expect(await forwardUpload({ url: 'http://127.0.0.1:1', uploadKey: 't' }, ticket, null)).toMatchObject({ status: 502 })
  expect(await forwardUpload(null, ticket, Readable.from(['x']))).toMatchObject({ status: 503 })
})
