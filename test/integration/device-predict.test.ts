import Database from 'better-sqlite3'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import { deployEverywhere, FLEET, importSample, startFleet } from '../harness/console.ts'
import { call, inferBody } from '../harness/local-api.ts'
import { labelledRows } from '../harness/manifest.ts'
import { CONSOLE_USER, hasMosquitto, passwordOf } from '../harness/mosquitto.ts'

const rows = labelledRows('digits/holdout.csv', 3)

describe.each([
  { broker: 'embedded' as const, isHere: true },
  { broker: 'mosquitto' as const, isHere: hasMosquitto },
])('inference as messages, over the $broker broker', ({ broker, isHere }) => {
  test.skipIf(!isHere)('a device is asked from the console and from the command line, and says what is wrong', async () => {
    const fleet = await startFleet({ broker, devices: ['cam-1'] })
    const { host, agents } = fleet
    const ask = (input: object) => host.rpc!.call('devices.predict', { device: 'cam-1', deployment: 'digits', ...input })
    await importSample(host, 'digits', '1.2.0')
    await expect(ask({ rows: [[1]] })).rejects.toMatchObject({ code: 'runtime.not-ready' })
    await deployEverywhere(fleet, 'digits', '1.2.0')

    const answer = await ask({ rows: rows.map(({ row }) => row) })
    const { body } = await call(`${agents[0]!.url}/v2/models/digits/infer`, {
      body: inferBody(
        'pixels',
        rows.map(({ row }) => row),
      ),
    })
    const local = labelsOf(body)
    expect(labelsOf(answer.response)).toEqual(local)
    expect(answer).toMatchObject({ device: 'cam-1', deployment: 'digits', response: { model_name: 'digits', model_version: '1.2.0' } })

    const said = await runProgram('electron/core/cli.ts', [
      ...['--url', host.address.url, '--token', host.address.token],
      ...['devices', 'predict', 'cam-1', '--model', 'digits', '--input', rows[0]!.row.join(',')],
    ])
    expect(said).toContain(`digits 1.2.0: ${local[0]!}`)
    expect(said).toContain('answered by cam-1 in')

    await expect(ask({ rows: [[1, 2, 3]] })).rejects.toMatchObject({ code: 'data.schema-mismatch' })
    await expect(ask({ request: { inputs: [] } })).rejects.toMatchObject({ code: 'inference.bad-input' })
    await expect(ask({ deployment: 'nobody', request: { inputs: [] } })).rejects.toMatchObject({ code: 'inference.not-found' })
    await expect(ask({ device: 'cam-9', rows: [[1]] })).rejects.toMatchObject({ code: 'device.not-found' })
    const large = { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [3000, 64], data: Array(3000 * 64).fill(15) }] }
    await expect(ask({ request: large })).rejects.toMatchObject({ code: 'input.too-large' })

    if (fleet.mosquitto !== null) await askAsStranger(fleet.mosquitto.port, local[0]!)
    await agents[0]!.stop()
    await until('the device to be away', 10, async () => (await host.rpc!.call('devices.show', { device: 'cam-1' })).status === 'offline')
    await expect(ask({ rows: [rows[0]!.row] })).rejects.toMatchObject({ code: 'agent.unreachable' })
    // What it cost is in the last entry of the ledger, which the agent writes when it ends.
    const used = ledgerOf(join(fleet.directory, 'console', 'telemetry.db'))
    for (const bytes of [used.in['model'], used.in['order'], used.in['inference'], used.out['inference'], used.out['report']])
      expect(bytes).toBeGreaterThan(0)
    expect(used.inferences).toBeGreaterThanOrEqual(3)
  })
})

/** Bytes by cause and inferences of all entries that are stored. */
function ledgerOf(file: string) {
  const db = new Database(file, { readonly: true })
  const rows = db.prepare<[], { bytes_in: string; bytes_out: string; inferences: number }>('SELECT * FROM ledger').all()
  db.close()
  const sum = (of: (row: (typeof rows)[number]) => string): Record<string, number> => {
    const all: Record<string, number> = {}
    for (const row of rows)
      for (const [cause, bytes] of Object.entries(JSON.parse(of(row)) as Record<string, number>)) all[cause] = (all[cause] ?? 0) + bytes
    return all
  }
  return {
    in: sum((row) => row.bytes_in),
    out: sum((row) => row.bytes_out),
    inferences: rows.reduce((all, row) => all + row.inferences, 0),
  }
}

function labelsOf(response: Record<string, unknown>): string[] {
  const outputs = response['outputs'] as { name: string; data: unknown[] }[]
  return outputs.find(({ name }) => name === 'label')!.data.map(String)
}

/** A PLC gateway or a script: it knows the topics, and nothing of Muster. */
async function askAsStranger(port: number, label: string): Promise<void> {
  const account = ['-h', '127.0.0.1', '-p', String(port), '-u', CONSOLE_USER, '-P', passwordOf(CONSOLE_USER)]
  const topic = `muster/1/${FLEET}/device/cam-1/infer/digits`
  const listener = spawn('mosquitto_sub', [...account, '-t', `${topic}/result`, '-q', '1', '-C', '1', '-W', '10'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let heard = ''
  listener.stdout.on('data', (part: Buffer) => (heard += part.toString()))
  const ended = once(listener, 'close')
  const request = { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], data: rows[0]!.row }] }
  const message = JSON.stringify({ v: 1, sentAt: Date.now(), id: 'from-a-script', request })
  // Asked again until the other program listens: inference has no effect, and the same id may be answered again.
  while (listener.exitCode === null) {
    await promisify(execFile)('mosquitto_pub', [...account, '-t', topic, '-q', '1', '-m', message])
    await Promise.race([ended, sleep(300)])
  }
  await ended
  const answer = JSON.parse(heard) as {
    id: string
    status: number
    response: Record<string, unknown>
  }
  expect([answer.id, answer.status, labelsOf(answer.response)]).toEqual(['from-a-script', 200, [label]])
}
