import { formatNumber } from '../../components/format.ts'

/** A budget in words: "1 false alarm in 7 days". */
export function budgetText({ falseAlarms, perDays }: { falseAlarms: number; perDays: number }): string {
  const alarms = `${formatNumber(falseAlarms)} false ${falseAlarms === 1 ? 'alarm' : 'alarms'}`
  return `${alarms} in ${formatNumber(perDays)} ${perDays === 1 ? 'day' : 'days'}`
}
