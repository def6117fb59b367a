/** The parts of ECharts that maps need, apart from those of the charts: a wall loads these only. */
import { GeoComponent } from 'echarts/components';
import { init, registerMap, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([GeoComponent, CanvasRenderer]);

export { init, registerMap };
export type { ECharts } from 'echarts/core';
