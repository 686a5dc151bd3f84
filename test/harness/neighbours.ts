import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { startPlayedMlflow } from './mlflow-server.ts'
import { hasPostgres, startPostgres } from './postgres.ts'
import type { Surroundings } from './reader.ts'

/** True where a program of others is installed and answers. */
function answers(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 }).status === 0
}

/**
 * What stands beside the console in the guides: a tracking server (played), a receiver of webhooks and of OTLP that takes everything, PostgreSQL where it is
 * installed, and the tools of others that are.
 */
export async function startNeighbours(): Promise<Surroundings> {
  const mlflow = await startPlayedMlflow()
  mlflow.models['Digits of meters'] = {
    versions: { 7: { run: 'run-1', files: { 'model.onnx': readFileSync('build/samples/digits/digits-1.1.0.onnx') } } },
    aliases: { champion: '7' },
  }
  mlflow.runs['run-1'] = { info: { run_id: 'run-1', run_name: 'brave-cat' }, data: { metrics: [{ key: 'accuracy', value: 0.97 }] } }
  const receiver = await startReceiver()
  const database = hasPostgres ? await startPostgres() : null
  if (database !== null) onTestFinished(() => database.remove())
  return {
    things: {
      ...{ mlflow: true, receiver: true, postgresql: database !== null },
      promtool: answers('promtool', '--version'),
      helm: answers('helm', 'version'),
      // Images are fetched and containers of this machine started: only where somebody says so.
      docker: process.env['MUSTER_DOCKER'] === 'yes' && answers('docker', 'info'),
      // An application is built around Electron's binary, which a bare machine has not.
      electron: existsSync('node_modules/electron/dist/electron'),
    },
    ports: {
      ...{ 5000: Number(new URL(mlflow.url).port), 9000: receiver, 4318: receiver },
      ...(database === null ? {} : { 5432: database.port }),
    },
    env: database === null ? {} : { WAREHOUSE_PASSWORD: database.place.password ?? '' },
  }
}

async function startReceiver(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
