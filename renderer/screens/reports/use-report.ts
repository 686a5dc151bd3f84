import { useQuery, type Answer } from '../../data/use-query.ts'

/** One report, fresh by the change feed. */
export function useReport(report: number): Answer<'reports.show'> {
  return useQuery('reports.show', { report })
}
