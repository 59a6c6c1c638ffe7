import { LabIcon } from '@jupyterlab/ui-components';

import OUTLINE from '../../../style/panel.svg';

/** A snowflake in the colour that JupyterLab gives the icons of its sidebars. */
export const panelIcon = new LabIcon({
  name: 'jupyter-frozenfs:panel',
  svgstr: OUTLINE
});
