import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, vi } from 'vitest'
import { freePort } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import { temporaryDirectory } from './fleet.ts'

/** A console whose broker speaks TLS. */
export interface TlsConsole {
  directory: string
  host: LocalConsole
  rpc: RpcClient
}

/** Starts one as a process; it ends with the test. */
export async function startTlsConsole(flags: readonly string[] = []): Promise<TlsConsole> {
  const directory = temporaryDirectory()
  const localPort = await freePort()
  const tls = ['--broker-tls', '--mqtt-local-port', String(localPort)]
  const host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error', ...tls, ...flags])
  onTestFinished(() => host.crash())
  return { directory, host, rpc: host.rpc! }
}

/** Enrols an agent over TLS, starts it and waits until it is connected. */
export async function joinOverTls({ rpc, directory }: TlsConsole, device: string): Promise<LocalAgent> {
  const agent = await LocalAgent.join(rpc, join(directory, device), { device })
  onTestFinished(() => agent.crash())
  await online(rpc, device)
  return agent
}

/** Waits until the console sees a device connected. */
export const online = (rpc: RpcClient, device: string): Promise<void> =>
  vi.waitFor(async () => expect((await rpc.call('devices.show', { device })).status).toBe('online'), 20_000)
/** States of the certificates of a device, the newest first. */
export const certificateStates = async (rpc: RpcClient, device: string): Promise<string[]> =>
  (await rpc.call('devices.trust', { device })).certificates.map(({ state }) => state)

/** A refusal as the audit log has it. */
export interface Noted {
  client: string | null
  cause: string
  count: number
}

/** Reasons of refusals in the audit log, with the client that was named. */
export function refusals({ host }: TlsConsole): Noted[] {
  const db = new Database(join(host.data, 'fleet.db'), { readonly: true })
  const rows = db.prepare<[], { detail: string }>("SELECT detail FROM audit WHERE action = 'broker.refused' ORDER BY seq").all()
  db.close()
  return rows.map(({ detail }) => JSON.parse(detail) as Noted)
}

/** When acts of a kind happened, as the audit log has it, epoch ms. */
export function acts({ host }: TlsConsole, action: string): number[] {
  const db = new Database(join(host.data, 'fleet.db'), { readonly: true })
  const rows = db.prepare<[string], number>('SELECT at FROM audit WHERE action = ? ORDER BY seq').pluck().all(action)
  db.close()
  return rows
}

/** Records that wait in the spool of an agent that has stopped. */
export function spooled(agent: LocalAgent): number {
  const db = new Database(join(agent.directory, 'spool.db'), { readonly: true })
  const records = db.prepare<[], number>('SELECT count(*) FROM record').pluck().get() ?? 0
  db.close()
  return records
}

/** The keys in the folder of an agent. */
export const credentialsOf = (agent: LocalAgent) =>
  JSON.parse(readFileSync(join(agent.directory, 'credentials.json'), 'utf8')) as {
    current: { key: string; certificate: string; ca: string }
  }
