import { reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import type { BrokerOptions } from '../hub/messages.ts'
import type { CertificateOffice } from './office.ts'

/** Makes ready what the broker shows. A key that cannot be read keeps the broker down, never the console: it is put in order there. */
export interface Preparation {
  prepare(): Promise<void>
  /** Why the last one failed; null: it did not. */
  problem(): ProblemReport | null
}

/** Prepares for the broker that counts at that moment. */
export function openPreparation(office: Pick<CertificateOffice, 'prepare'>, broker: () => BrokerOptions): Preparation {
  let problem: ProblemReport | null = null
  return {
    async prepare() {
      problem = await office.prepare(broker()).then(() => null, reportOf)
    },
    problem: () => problem,
  }
}
