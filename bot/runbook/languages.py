"""The words of other languages than English that runbooks use for a severity, a time and a part of a playbook."""

SEVERITY_WORDS = (
    ("kritisch", "crítico", "crítica", "critique", "critico", "critica", "критический", "критическая", "критично"),
    ("dringend", "urgente", "urgent", "schwerwiegend", "majeur", "majeure", "grave", "серьёзный"),
    ("hoch", "alto", "alta", "élevé", "élevée", "haute", "высокий", "высокая"),
    ("mittel", "medio", "media", "médio", "média", "moyen", "moyenne", "средний", "средняя"),
    ("niedrig", "gering", "bajo", "baja", "baixo", "baixa", "basso", "bassa", "faible", "mineur", "mineure",
     "низкий", "низкая"),
)  # fmt: skip
"""From the worst, each with the words that mean it."""

UNITS = {
    "s": ("sekunden?", "segundos?", "secondes?", "secondi", "секунд[аыу]?", "сек", "秒"),
    "m": ("minuten?", "minutos?", "minuti", "minuto", "분", "минут[аыу]?", "мин", "分钟?"),
    "h": ("stunden?", "std", "horas?", "ore", "ora", "heures?", "час(?:а|ов)?", "小时", "時間", "시간"),
    "d": ("tage?n?", "d[ií]as?", "giorni", "giorno", "jours?", "дн(?:я|ей)", "день", "天", "日"),
    "w": ("wochen?", "semanas?", "settiman[ae]", "semaines?", "недел[яиь]", "周"),
}
"""Units of time, each with the words for it as patterns."""

RESPONSE = (
    r"reaktion|antwortzeit|respuesta|resposta|r[ée]ponse|risposta|врем\w+ (?:реагирования|реакции|ответа)"
    r"|响应时间|対応時間|応答時間"
)
AT_ONCE = (
    r"\b(?:sofort|unverzüglich|inmediat[oa]|imediat[oa]|immédiate?(?:ment)?|immediat[oa])\b|немедленно|立即"
)
NO_CLOCK = (
    r"\bnächster? (?:werk|arbeits)tag|\b(?:siguiente|próximo) día (?:hábil|laborable)|\bpróximo dia útil"
    r"|\bprochain jour ouvré|\bjours? ouvrés?|\bgiorno lavorativo|следующ\w+ рабоч\w+ д"
)
EVERY = r"\b(?:alle|jede[nr]?|toutes? les|chaque|cada|ogni)\b|кажд\w+"
"""How a rhythm begins: `alle 30 Minuten`."""
UPDATES = r"aktualisier|mises? à jour|actualizaci|actualización|atualizaç|aggiornament|обновлени|comunicaci|comunicaç"
"""Words for what is told while an incident lasts."""
ROLE = r"funç|funci[oó]n|cargo|rolle|rôle|ruolo|роль"
LEVEL = r"nível|nivel|niveau|livello|stufe|grau|уровень"
CALLED = r"acionar|chamar|ligar\s+para|notificar|avisar|llamar(?:\s+a)?|appeler|alerter|prévenir"
CALLED += r"|notifier|contacter|escalar\s+para|avvisare|chiamare|вызвать|позвонить"
AFTER = r"nach|después\s+de|após|depois\s+de|après|dopo|через"
SEVERITY = (
    r"schwere|dringlichkeit|severidad|gravedad|severidade|gravité|sévérité|gravità|prioritä|priorid|priorité"
    r"|критичност|приоритет|严重|重大度"
)
GENERIC = (
    r"proced\w+|procédures?|respuesta|resposta|réponse|risposta|inciden\w+|processos?|procesos?|processus|fluxos?|flujos?"
    r"|espec[íi]fic\w+|spécifiques?|comun\w+|gerais|general\w*|vorgehen|ablauf|prozess\w*|reaktion|störung\w*"
    r"|vorf[aä]ll\w*|allgemein\w*|do|da|de|del|des|du|dos|das|la|le|les|el|los|aux?|y|e|et|und|der|die|bei|en|em"
)
"""Words of a title that name no incident in particular."""

PARTS = (
    r"diagn[óo]stic\w*|contenç\w+|contenci\w+|confinement|eindämmung|resoluç\w+|resoluci\w+|résolution|behebung"
    r"|identificaç\w+|identificaci\w+|identification|recuperaç\w+|recuperaci\w+|rápid[oa]s?|inicia(?:l|is|les)"
)
"""Words of headings that are parts of how an incident is handled."""

AFTERWARDS = r"p[óo]s-?incident|post-?incidente|nachbereitung|nach dem (?:vorfall|incident)|après[- ]incident"
AFTERWARDS += r"|после инцидент"
HANDBOOK = (
    r"(?:runbook|playbook|plano|plan|guia|manual|procedimientos?|procedimentos?) de (?:respuesta|resposta|inciden)"
    r"|plan de réponse|réponse aux incidents|notfallplan|notfallhandbuch|störungshandbuch"
)
"""Titles of documents about how incidents are handled at all."""

CLASSIFICATION = r"klassifi|einstufung|clasificaci|classificaç|classificazione|классификаци"
SYMPTOMS = (
    r"symptome|anzeichen|síntoma|sintoma|sintomi|sintomo|symptôme|signes|señales|sinais|симптом|признак"
    r"|症状|gejala"
)
TRIGGER = r"auslöser|disparador|gatilho|déclencheur|alarme?\b|alerta|alerte|триггер|トリガー"
DIAGNOSIS = (
    r"diagnose|diagnosi|diagn[óo]stic|analyse|análisis|análise|comprobaci|verifica|vérification|prüf"
    r"|untersuch|диагност|проверк|诊断|診断|調査"
)
ACTION = (
    r"sofortma(?:ß|ss)|ma(?:ß|ss)nahmen|behebung|lösung|wiederherstell|soluci|soluç|solution|resoluci|resoluç"
    r"|résolution|acciones|ações"
    r"|actions immédiates|mitigaci|mitigaç|azioni|risoluzione|ripristino|recuperaci|recuperaç|procedimiento"
    r"|procedimento"
    r"|langkah|penanganan|tindakan|решени|действи|устранен|восстановлен|解决|处理|対応|復旧"
)
EVERYONE = (
    r"\ba todos\b|\btod[oa] (?:el equipo|a equipe|o time)\b|\ban alle\b"
    r"|\btoute l'équipe\b|\bà tous\b|\ba tutti\b"
)
ESCALATION = (
    r"eskalation|escalad|escalaci|escalaç|escalament|escalonamento|эскалац|升级|에스컬레이션|エスカレーション"
)
SITUATION = r"situaç|situaci|situazione|lage\b|fall\b|nível|nivel|livello|niveau|schwere|ситуаци|уровень"
CONTACTS = (
    r"kontakt|bereitschaft|ansprechpartner|contactos|contatos|guardia|plantão|astreinte|contatti|reperibil"
    r"|контакт|дежурн|联系"
)
COMMANDS = (
    r"диагностика|erstdiagnose|comandos|comandi|commandes|befehle|команды|命令"
    r"|erste schritte|primeros pasos|primeiros passos|premiers"
    r"|pemeriksaan awal|perintah"
)
PLAYBOOKS = (
    r"типам? инцидент|типовые инцидент|сценари|szenari|häufige (?:störung|problem|vorfäll)|escenario|incidentes comunes"
    r"|proced\w+ espec[íi]fic|procédures spécifiques|cenário|incidentes comuns|scénario|incidents fréquents|scenari\b"
)
TEMPLATES = (
    r"шаблон|сообщени|коммуникац|vorlage|plantilla|modelos? de mensa|modèles? de message|modelli di messagg"
)
BEGIN = r"начал|beginn|inicio|início|début|inizio"
END = r"разрешен|устранен|behoben|entwarnung|resuelt|resolvid|résolu|risolt"
"""How a message at the begin and at the end of an incident is called."""

PEOPLE = (
    "bereitschaft teamleitung leitung leiter leiterin entwickler entwicklung administrator betrieb ingenieur "
    "guardia plantão astreinte"
    " responsable responsável jefe ingeniero engenheiro desarrollador desenvolvedor équipe equipo equipe "
    "squadra reperibile responsabile"
    " дежурный инженер руководитель администратор разработчик команда тимлид"
)
"""Words that mean a person or a team."""
ON_CALL = r"bereitschaft|guardia|plantão|astreinte|reperibil|дежурн"
"""Words for who is on call."""
