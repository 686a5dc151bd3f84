import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import type { ExternalBrokerPapers } from '../../../shared/rpc/contract/broker.ts'
import { noteBrokerPapers, noteRevocationList } from '../certificates/broker-papers.ts'
import { newJobId } from '../jobs/jobs.ts'
import type { ApiParts } from './parts.ts'

type Names = 'broker.trust' | 'broker.revocationList' | 'broker.makeExternal'

/** Handlers of `broker.*`: what the broker shows, and what one that others run needs. */
export function brokerHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, jobs, now } = parts
  const { office } = parts.deviceTrust
  return {
    'broker.trust': async () => brokerTrust(parts),
    'broker.revocationList': async () => {
      const revoked = store.certificates.revoked(now())
      const pem = await (await office.authority()).revocationList(revoked, now())
      store.transact(() => noteRevocationList(store, now()))
      return { pem, revoked: revoked.length }
    },
    'broker.makeExternal': ({ csr, names, enrolPort, password }, context) => {
      const job = newJobId()
      store.settings.set('enrolListener', { port: enrolPort, password })
      context.afterCommit(() =>
        jobs.run(
          job,
          { kind: 'broker.makeExternal', title: `Certificates for the broker ${names[0]!}` },
          async (): Promise<ExternalBrokerPapers> => {
            const authority = await office.authority()
            await office.makeConsole()
            const { certificate, notAfter } = await authority.issueServer(csr, names, now())
            const revoked = await authority.revocationList(store.certificates.revoked(now()), now())
            store.transact(() => noteBrokerPapers(store, notAfter, now()))
            return { fleet: parts.fleet, ca: authority.certificate, certificate, revoked }
          },
        ),
      )
      return { job }
    },
  }
}

async function brokerTrust({ store, deviceTrust, now }: ApiParts): Promise<ResultOf<'broker.trust'>> {
  const authority = deviceTrust.office.isMade() ? await deviceTrust.office.authority() : null
  const marks = store.deviceTrust.all()
  const revoked = new Set(marks.filter((row) => row.revoked !== null).map(({ device }) => device))
  const valid = store.certificates.valid(now())
  const others = store.devices.all().filter(({ device }) => !revoked.has(device))
  const certificate = others.filter(({ device }) => valid.has(device)).length
  const shown =
    authority === null ? null : { certificate: authority.certificate, fingerprint: authority.fingerprint, notAfter: authority.notAfter }
  const quarantined = marks.filter((row) => row.quarantined !== null).length
  return {
    authority: shown,
    server: deviceTrust.office.server(),
    devices: { certificate, secret: others.length - certificate, revoked: revoked.size, quarantined },
  }
}
