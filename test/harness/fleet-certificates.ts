import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { certificateRequest, makeDeviceKey } from '../../agent/identity/device-key.ts'
import { openAuthority, type Authority, type Issued } from '../../electron/core/certificates/authority.ts'
import { openCertificateOffice } from '../../electron/core/certificates/office.ts'
import type { HubTls } from '../../electron/core/hub/messages.ts'

/** True where the command line of OpenSSL is installed; tests that need it are skipped, and say so, where it is not. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) process.stderr.write('openssl is not installed: the tests with it are skipped\n')

/** True where Debian's mosquitto-clients are installed. */
export const hasMosquittoClients = spawnSync('mosquitto_pub', ['--help']).error === undefined
if (!hasMosquittoClients) process.stderr.write('mosquitto_pub is not installed: the tests with it are skipped\n')

/** A certificate with its key, in files of their own. */
export interface Papers {
  issued: Issued
  key: string
  files: { key: string; certificate: string }
}

/** An authority with certificates of devices, in a folder. */
export interface FleetCertificates {
  authority: Authority
  directory: string
  caFile: string
  tls: HubTls
  /** @param at when it is issued, epoch ms */
  device(name: string, at?: number): Promise<Papers>
}

/** Makes an authority and the papers of an embedded broker on loopback. */
export async function fleetCertificates(directory: string, fleet = 'lab'): Promise<FleetCertificates> {
  const now = Date.now()
  const office = openCertificateOffice({ directory, fleet: () => fleet, now: () => now })
  await office.prepare({ kind: 'embedded', host: '127.0.0.1', port: 0, tls: { names: [], localPort: 0 } })
  const authority = await openAuthority(directory, fleet, now)
  let made = 0
  return {
    authority,
    directory,
    caFile: join(directory, 'ca.pem'),
    tls: office.hubTls()!,
    async device(name, at = now) {
      const key = makeDeviceKey()
      const issued = await authority.issueDevice(certificateRequest(key, name), name, at)
      made += 1
      const files = { key: join(directory, `${made}.key`), certificate: join(directory, `${made}.crt`) }
      writeFileSync(files.key, key, { mode: 0o600 })
      writeFileSync(files.certificate, issued.certificate)
      return { issued, key, files }
    },
  }
}

/** Runs openssl and answers what it said; an exit code other than 0 is an error. */
export function openssl(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
  return `${stdout}${stderr}`
}
