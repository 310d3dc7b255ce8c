/* <zp-chart>: an ECharts picture from JSON. The library is loaded once, when the first chart is on the page. */

let loading = null;

function library(url) {
  loading ||= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

const INK = { textStyle: { fontFamily: 'inherit', color: '#3a4556' } };

class Chart extends HTMLElement {
  async connectedCallback() {
    const box = this.querySelector('.chart-box');
    const option = JSON.parse(this.dataset.option || 'null');
    if (!box || !option) return;
    const echarts = await library(this.dataset.echarts);
    if (!this.isConnected || echarts.getInstanceByDom(box)) return;
    const chart = echarts.init(box, null, { renderer: 'canvas' });
    chart.setOption({
      ...INK, color: ['#1f5fbf', '#d9650b', '#2f9e62', '#7a869a', '#8a5cc2'],
      animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      ...option, tooltip: { renderMode: 'richText', ...(option.tooltip || { trigger: 'axis' }) },
    });
    this.watcher = new ResizeObserver(() => chart.resize());
    this.watcher.observe(box);
    this.chart = chart;
  }

  disconnectedCallback() {
    this.watcher?.disconnect();
    this.chart?.dispose();
  }
}

if (!customElements.get('zp-chart')) customElements.define('zp-chart', Chart);
