import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openMlflow } from '../../../../../../electron/core/registry/mlflow/client.ts'
import { temporaryDirectory } from '../../../../../harness/fleet.ts'
import { startPlayedMlflow } from '../../../../../harness/mlflow-server.ts'

it('gives up an answer and a file that come drop by drop', async () => {
  const server = await startPlayedMlflow()
  server.mode = 'drip'
  const client = openMlflow({ url: server.url, authorization: null, ca: null }, new AbortController().signal, {
    answerMs: 300,
    rateMs: 300,
  })
  await expect(client.model('Churn')).rejects.toMatchObject({
    code: 'source.unreachable',
    message: expect.stringContaining('its answer did not end within 0.3 s'),
  })
  const to = join(temporaryDirectory(), 'model.onnx')
  await expect(client.download({ path: '/x', to, mostBytes: 1e6 })).rejects.toMatchObject({
    code: 'source.unreachable',
    message: expect.stringMatching(/it sent \d+ bytes in 0.3 s/),
  })
  expect(existsSync(to)).toBe(false)
})

it('says that it was cancelled, and not that the server was slow', async () => {
  const server = await startPlayedMlflow()
  server.mode = 'drip'
  const abort = new AbortController()
  const asked = openMlflow({ url: server.url, authorization: null, ca: null }, abort.signal).model('Churn')
  abort.abort()
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
})
