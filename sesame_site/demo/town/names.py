"""Given and family names to draw from; any likeness of a combination to a person is chance."""

# fmt: off
GIVEN = (
    "Ada", "Aisha", "Amir", "Ana", "Anton", "Arun", "Astrid", "Ben", "Bao", "Carla", "Chen", "Chidi", "Clara",
    "Dae", "Dalia", "Daniel", "Diego", "Dina", "Elena", "Elif", "Emeka", "Emil", "Esra", "Fatma", "Felix",
    "Femi", "Fiona", "Gabriel", "Gita", "Goran", "Greta", "Hana", "Hugo", "Ines", "Irina", "Ivan", "Jana",
    "Jin", "Joao", "Jonas", "Julia", "Kai", "Karim", "Kavya", "Kenji", "Lan", "Lara", "Layla", "Leon", "Lin",
    "Lucia", "Luka", "Magda", "Malik", "Marco", "Maria", "Mateo", "Maya", "Mila", "Min", "Mira", "Nadia",
    "Naoko", "Nico", "Nina", "Noah", "Nora", "Olga", "Omar", "Oscar", "Paula", "Pedro", "Petra", "Priya",
    "Rafael", "Rana", "Ravi", "Rosa", "Samir", "Sara", "Selin", "Sofia", "Soo", "Sven", "Tariq", "Thea",
    "Tomas", "Uma", "Vera", "Viktor", "Wei", "Yara", "Yuki", "Yusuf", "Zara", "Zoe",
)
# fmt: on
# fmt: off
FAMILY = (
    "Abel", "Adeyemi", "Ahmadi", "Alves", "Andersen", "Arslan", "Bauer", "Becker", "Bello", "Berg", "Bianchi",
    "Cao", "Castro", "Chowdhury", "Costa", "Dang", "Demir", "Diaz", "Dimitrov", "Eriksen", "Farah", "Fischer",
    "Fontaine", "Fujita", "Garcia", "Gomez", "Gupta", "Haas", "Haddad", "Hansen", "Hoang", "Horvat", "Ibrahim",
    "Ito", "Iyer", "Jansen", "Kaya", "Khan", "Kim", "Klein", "Kovac", "Kowalski", "Kumar", "Lam", "Lang",
    "Larsen", "Lopez", "Maier", "Mendes", "Meyer", "Mori", "Moreau", "Nair", "Nakamura", "Navarro", "Nguyen",
    "Novak", "Okafor", "Olsen", "Park", "Patel", "Pereira", "Petrov", "Pham", "Qureshi", "Ramos", "Reyes",
    "Rossi", "Roth", "Sahin", "Saito", "Santos", "Schmid", "Silva", "Singh", "Sato", "Suzuki", "Tan", "Torres",
    "Tran", "Varga", "Vasquez", "Vogel", "Wang", "Weber", "Winter", "Wong", "Yamada", "Yilmaz", "Zhang",
    "Ziegler",
)
# fmt: on
