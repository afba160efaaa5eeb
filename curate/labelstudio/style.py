"""How the labelling page looks: one style sheet, with what depends on the schema at its end.

Label Studio's own class names stand here and nowhere else. The choices behind it are told in docs/page.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_STYLE = """
.cur{container-type:inline-size}
.body{display:grid;grid-template-columns:270px minmax(0,1fr);gap:0 14px;align-items:start}
.left{grid-area:1/1;position:sticky;top:0;max-height:calc(100vh - 160px);overflow-y:auto;overflow-x:hidden}
.main{grid-area:1/2;min-width:0}
.find{margin-right:92px}
.find .ant-input{font-size:12px;height:21px}
.left .lsf-labels{display:block;margin:2px 0 4px}
.cols{display:grid;grid-template-columns:minmax(0,auto) minmax(0,auto);gap:0 5px}
.head *{margin:3px 0 1px !important;font-size:10px !important;line-height:13px !important;font-weight:600 !important;\
text-transform:uppercase;letter-spacing:.07em;opacity:.75}
.cols .lsf-label{display:flex;width:100%;height:19px;margin:0 0 1px;padding:0 4px 0 5px;font-size:12px;\
line-height:19px;box-sizing:border-box}
.cols .lsf-label__text{flex:1;min-width:0}
.cols .lsf-label__text div{display:flex;justify-content:space-between;gap:4px;height:19px}
.cols .lsf-label__text i{font-style:normal;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.cols .lsf-label__hotkey{display:none}
.cols kbd{font:11px/19px monospace;opacity:.75;background:none;color:inherit;border:0;padding:0;box-shadow:none}
.types .lsf-label__text i{font-weight:700}
.roles .lsf-label:not(.lsf-label_selected){background:none;box-shadow:inset 0 0 0 1px var(--background)}
.row{display:flex;flex-wrap:wrap;align-items:baseline;gap:1px 2px;margin:0 0 1px;padding:2px 0 0;\
border-top:1px solid rgba(128,128,128,.25)}
.name{margin-right:3px}
.name *{margin:0 !important;font-size:11px !important;line-height:18px !important;font-weight:400 !important;\
opacity:.75}
.row .lsf-choices{display:contents}
.row .lsf-choice,.row .lsf-choice__item{display:block;margin:0;padding:0}
.row .ant-radio-wrapper,.row .ant-checkbox-wrapper{display:block;margin:0;padding:0 4px;font-size:12px;\
line-height:18px;font-weight:400;white-space:nowrap;border-radius:3px;background:rgba(128,128,128,.1)}
.row .ant-radio-wrapper span,.row .ant-checkbox-wrapper span{padding:0;font-weight:400}
.row .ant-radio,.row .ant-checkbox{position:absolute;opacity:0}
.row .ant-radio-wrapper-checked,.row .ant-checkbox-wrapper-checked{background:#4c5fa9;color:#fff}
.row .ant-radio-wrapper-checked span,.row .ant-checkbox-wrapper-checked span{color:#fff}
.row .ant-radio-wrapper:focus-within,.row .ant-checkbox-wrapper:focus-within{outline:2px solid #4c5fa9}
.lsf-choices:not(:has(:checked)) label:has(u){box-shadow:inset 0 0 0 1px rgba(128,128,128,.75)}
.row .lsf-hint{top:0;margin-left:2px;font-size:10px;vertical-align:baseline;opacity:.65}
.ant-radio-wrapper-checked .lsf-hint,.ant-checkbox-wrapper-checked .lsf-hint{color:inherit;opacity:.9}
.row .ant-input,.row .ant-input-number{height:24px;min-height:24px;padding:1px 6px;font-size:12px;line-height:18px}
.row .lsf-text-area,.note>*{flex:1;margin:0}
.row .ant-form-item{margin:0}
.hint *{margin:4px 0 !important;opacity:.75;font-size:12px !important;font-weight:400 !important;\
line-height:16px !important}
.txt{max-width:900px}
.txt .lsf-richtext__container{font-size:15px;line-height:28px}
.txt .htx-highlight[data-label]::after{padding:0 1px 0 2px;font:400 10px/0 system-ui,sans-serif}
.txt area{display:inline-block;pointer-events:none}
.txt area::after{pointer-events:auto;cursor:col-resize}
.relations-overlay [class*=relationItem] path{opacity:.3}
.relations-overlay [class*=relationItem] g rect{display:none}
.relations-overlay [class*=relationItem] text{fill:#86198f;font-size:10px !important;paint-order:stroke;stroke:#fff;\
stroke-width:3px}
.relations-overlay [class*=_highlighted] path{opacity:1}
.relations-overlay [class*=_highlighted] text{font-weight:700}
.fix{position:sticky;top:0;z-index:101;max-height:118px;overflow-y:auto;background:#fff8dc;color:#222;\
border-radius:4px}
.fix:has(p,li){margin:0 0 4px;padding:4px 8px}
.fix p,.fix li{margin:0;font-size:13px;line-height:19px}
.fix ul,.fix ol{margin:0;padding-left:18px}
.fix code{background:#ffe58a;color:inherit;font-family:inherit;font-size:13px;padding:0 3px}
.guide{grid-area:1/1;justify-self:end;position:sticky;top:0;z-index:102;font-size:13px}
.guide summary{position:sticky;top:0;width:86px;font-size:12px;line-height:19px;padding:0 0 0 4px;cursor:pointer;\
background:#fff;color:#222;border:1px solid rgba(128,128,128,.4);border-radius:3px}
.guide:has([open]){justify-self:start;margin-left:184px;width:min(560px,68cqi);max-height:calc(100vh - 175px);\
overflow-y:auto;padding:0 16px 10px;background:#fff;color:#222;border-radius:4px;\
box-shadow:0 2px 14px rgba(0,0,0,.35)}
.guide [open] summary{margin-left:-16px}
.guide h3{font-size:14px;line-height:20px;margin:12px 0 4px;text-transform:uppercase;letter-spacing:.05em}
.guide h4{font-size:13px;line-height:18px;margin:10px 0 2px}
.guide p,.guide li{font-size:13px;line-height:19px;margin:0 0 3px}
.guide ul{margin:0 0 4px;padding-left:16px}
.guide code{font-size:12px}
.guide sup{font-size:10px;margin-left:2px;opacity:.8}
@container (min-width:1180px){
.body{grid-template-columns:310px minmax(0,19fr) minmax(240px,10fr);gap:0 18px}
.find{margin-right:0}
.left .cols .lsf-label,.left .cols .lsf-label__text div{height:23px;line-height:23px}
.cols kbd{line-height:23px}
.left .cols .lsf-label,.row .ant-radio-wrapper,.row .ant-checkbox-wrapper{font-size:13px}
.row .ant-radio-wrapper,.row .ant-checkbox-wrapper{line-height:22px}
.txt .lsf-richtext__container{font-size:16px;line-height:31px}
.txt .htx-highlight[data-label]::after{font-size:11px}
.guide,.guide:has([open]){grid-area:1/3;justify-self:stretch;width:auto;margin:0;padding:0;background:none;color:inherit;\
box-shadow:none;max-height:calc(100vh - 160px);overflow-y:auto}
.guide summary{display:none}
.guide details::details-content{content-visibility:visible}
}
"""


def style_sheet(roles_of: Mapping[str, Iterable[int]]) -> str:
    """Write the page's style sheet: ``roles_of`` gives each event type the positions of the roles it lacks.

    Triggers are bold in the text; with a trigger selected, the roles that its type lacks fade among the labels.
    """
    triggers = [f'.htx-highlight[data-label$=":{name}"]' for name in roles_of]
    lines = [f"{','.join(triggers)}{{font-weight:700}}"]
    lines.append(",".join(f".txt {trigger}[data-label]::after" for trigger in triggers) + "{font-weight:700}")
    for position, lacking in enumerate(roles_of.values()):
        if faded := ",".join(f".r{number}" for number in lacking):
            lines.append(f".cols:has(.lsf-label_selected .t{position}) :is({faded}){{opacity:.35}}")
    return _STYLE + "\n".join(lines) + "\n"
