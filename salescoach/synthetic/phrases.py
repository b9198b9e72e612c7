"""Texts that a CRM would hold: stage names, products, next steps, customers' comments, in Turkish and English.

They are data, not words of the product's pages: a workspace in Turkish has Turkish stages, whatever
the language of the page that shows them.
"""

from __future__ import annotations

OPEN_STAGES = {
    "tr": ("Niteleme", "Çözüm", "Teklif", "Müzakere"),
    "en": ("Qualify", "Solution", "Proposal", "Negotiate"),
}
WON = {"tr": "Kazanıldı", "en": "Won"}
LOST = {"tr": "Kaybedildi", "en": "Lost"}
PIPELINE = {"tr": "Satış", "en": "Sales"}
ORGANISATION = {"tr": "Örnek Satış A.Ş.", "en": "Sample Sales Ltd"}

PRODUCTS = {  # two per segment, small to large: name, family
    "tr": (
        ("Başlangıç Paketi", "Paketler"), ("Büyüme Paketi", "Paketler"), ("İş Akışı", "Platform"),
        ("Öngörü Modülü", "Platform"), ("Kurumsal Çözüm", "Kurumsal"), ("Özel Kurulum", "Kurumsal"),
    ),
    "en": (
        ("Starter Pack", "Packs"), ("Growth Pack", "Packs"), ("Workflow", "Platform"),
        ("Insight Module", "Platform"), ("Enterprise Suite", "Enterprise"), ("Custom Setup", "Enterprise"),
    ),
}  # fmt: skip

NEXT_STEPS = {  # two per open stage
    "tr": (
        ("İhtiyaç görüşmesi yap", "Karar vericiyi öğren"),
        ("Ürün gösterimi planla", "Teknik soruları yanıtla"),
        ("Teklifi birlikte gözden geçir", "Bütçe onayını sor"),
        ("Sözleşme maddelerini görüş", "İmza tarihini netleştir"),
    ),
    "en": (
        ("Hold a discovery call", "Find out who decides"),
        ("Plan a demonstration", "Answer technical questions"),
        ("Go through the proposal together", "Ask about budget approval"),
        ("Discuss contract terms", "Settle the signing date"),
    ),
}

# Codes, not texts: what a value map makes of whatever a CRM says.
LOSS_REASONS = ("price", "competitor", "no_decision", "timing", "budget", "no_need")
LOSS_SHARES = (0.22, 0.20, 0.25, 0.13, 0.12, 0.08)
DISQUALIFY_REASONS = ("no_budget", "no_need", "wrong_contact", "competitor", "unreachable")
DISQUALIFY_SHARES = (0.25, 0.35, 0.15, 0.10, 0.15)
NOT_ANSWERED = "not_answered"

SURVEYS = {
    "tr": (("CSAT", "Satış sonrası memnuniyet"), ("NPS", "Tavsiye anketi")),
    "en": (("CSAT", "Satisfaction after the sale"), ("NPS", "Recommendation survey")),
}
COMMENTS = {  # unhappy, neutral, happy
    "tr": (
        ("Geri dönüş beklediğimizden uzun sürdü.", "İhtiyacımız tam anlaşılmadı.", "Fiyat görüşmesi yorucuydu."),
        ("Genel olarak iyiydi, eğitim eksik kaldı.", "Süreç düzgündü ama belgeler geç geldi.", "Fena değil."),
        ("Sorularımıza hızlı ve açık yanıt aldık.", "İşimizi gerçekten anladılar, teşekkürler.", "Çok ilgiliydiniz."),
    ),
    "en": (
        ("Replies took longer than we expected.", "Our need was not quite seen.", "Pricing talks were hard work."),
        ("Good on the whole, training was thin.", "Orderly, but the papers came late.", "Not bad."),
        ("Quick, clear answers to our questions.", "They really understood our work, thank you.", "Very attentive."),
    ),
}

QUOTA_REASONS = {
    "tr": {"plan": "Çeyrek planı", "ramp": "Alışma dönemi", "change": "Bölge değişikliği"},
    "en": {"plan": "Quarterly plan", "ramp": "Ramp", "change": "Territory change"},
}
