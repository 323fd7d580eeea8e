import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Perk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True)),
                ('note', models.CharField(blank=True, help_text='Where the threshold comes from.', max_length=200)),
                ('is_active', models.BooleanField(default=True)),
                ('opens_at', models.PositiveSmallIntegerField(help_text='Lowest published score that opens it, 350 to 950.', validators=[django.core.validators.MinValueValidator(350, 'The threshold must be from 350 to 950.'), django.core.validators.MaxValueValidator(950, 'The threshold must be from 350 to 950.')], verbose_name='Opens at')),
            ],
            options={
                'ordering': ['opens_at', 'key'],
                'constraints': [models.CheckConstraint(condition=models.Q(('opens_at__gte', 350), ('opens_at__lte', 950)), name='perk_threshold_in_range', violation_error_message='The threshold must be from 350 to 950.')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True)),
                ('note', models.CharField(blank=True, help_text='Where the threshold comes from.', max_length=200)),
                ('is_active', models.BooleanField(default=True)),
                ('closes_below', models.PositiveSmallIntegerField(help_text='Published score below which it applies, 350 to 950.', validators=[django.core.validators.MinValueValidator(350, 'The threshold must be from 350 to 950.'), django.core.validators.MaxValueValidator(950, 'The threshold must be from 350 to 950.')], verbose_name='Applies below')),
            ],
            options={
                'ordering': ['closes_below', 'key'],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes_below__gte', 350), ('closes_below__lte', 950)), name='restriction_threshold_in_range', violation_error_message='The threshold must be from 350 to 950.')],
            },
        ),
    ]
