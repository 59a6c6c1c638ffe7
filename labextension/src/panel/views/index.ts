export { PanelWidget } from './panel';
