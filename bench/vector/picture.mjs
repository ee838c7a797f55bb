/** Curves of recall and rate as a picture: ECharts draws it as SVG, without a browser. */

import { titleOf } from './report.mjs'

const width = 860
const height = 480
const order = ['sledstore', 'zvec-int8', 'zvec-fp32', 'hnswlib', 'usearch', 'lancedb', 'grafeo']
const colors = ['#c2410c', '#1d4ed8', '#60a5fa', '#15803d', '#7c3aed', '#a16207', '#64748b']

/** Below this recall nobody looks. */
const recallMin = 0.9
/** What is not found, as the axis has it: the nearer to all, the farther right. */
const missedMin = 0.0001
const missed = (recall) => Math.max(1 - recall, missedMin)

/**
 * The points of each engine that no other of its own beats both in recall and in rate, from the lowest recall to the highest.
 *
 * @param {object[]} records of one set and workload, with the metric `rate`
 * @returns {{ engine: string, points: { recall: number, rate: number }[] }[]}
 */
export function curvesOf(records) {
  return order
    .map((engine) => ({
      engine,
      points: frontier(
        records
          .filter((one) => one.engine === engine && one.recall >= recallMin)
          .map(({ recall, value }) => ({ recall, rate: value })),
      ),
    }))
    .filter(({ points }) => points.length > 0)
}

function frontier(points) {
  let best = 0
  const kept = points
    .toSorted((a, b) => b.recall - a.recall || b.rate - a.rate)
    .filter(({ rate }) => {
      const isFaster = rate > best
      if (isFaster) best = rate
      return isFaster
    })
  return kept.reverse()
}

/**
 * @param {string} title
 * @param {ReturnType<typeof curvesOf>} curves
 * @returns {Promise<string>} an SVG
 */
export async function pictureOf(title, curves) {
  // Not at the top: who measures needs no picture.
  const { init } = await import('echarts')
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 0 },
    grid: { left: 70, right: 30, top: 50, bottom: 90 },
    xAxis: {
      type: 'log',
      inverse: true,
      min: missedMin,
      max: 1 - recallMin,
      name: 'recall@10',
      nameLocation: 'middle',
      nameGap: 30,
      axisLabel: { formatter: (value) => String(Number((1 - value).toFixed(5))) },
    },
    yAxis: { type: 'log', name: 'queries a second' },
    series: curves.map(({ engine, points }) => ({
      name: titleOf(engine),
      type: 'line',
      color: colors[order.indexOf(engine)],
      lineStyle: { width: engine === 'sledstore' ? 3 : 2 },
      data: points.map(({ recall, rate }) => [missed(recall), rate]),
    })),
  })
  const text = chart.renderToSVGString()
  chart.dispose()
  return text
}
